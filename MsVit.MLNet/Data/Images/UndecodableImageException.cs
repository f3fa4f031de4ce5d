namespace MsVit.MLNet;

/// <summary>An encoded image is empty, cut short, damaged, of an unknown format or too large.</summary>
public sealed class UndecodableImageException : FormatException
{
    /// <summary>Creates the exception without saying which image it is about.</summary>
    public UndecodableImageException()
        : this("An image cannot be decoded.")
    {
    }

    /// <summary>Creates the exception without saying which image it is about.</summary>
    /// <param name="message">What is wrong, what was expected, and what to do.</param>
    public UndecodableImageException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception without saying which image it is about.</summary>
    /// <param name="message">What is wrong, what was expected, and what to do.</param>
    /// <param name="innerException">The error underneath.</param>
    public UndecodableImageException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Creates the exception for one image.</summary>
    /// <param name="imageSource">The path or the row of the image. The message begins with it.</param>
    /// <param name="message">What is wrong, what was expected, and what to do.</param>
    public UndecodableImageException(string imageSource, string message)
        : base($"{imageSource}: {message}")
    {
        ImageSource = imageSource;
    }

    /// <summary>The path or the row of the image; null if unknown.</summary>
    public string? ImageSource { get; }
}
