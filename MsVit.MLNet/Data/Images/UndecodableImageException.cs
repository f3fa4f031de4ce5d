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

    /// <summary>The same error, thrown by a step for which the policy is to throw.</summary>
    internal UndecodableImageException(UndecodableImageException fault, Remedy remedy)
        : base(RemedyText.InCode(fault.Message, [remedy]), fault)
    {
        ImageSource = fault.ImageSource;
        Advice.Attach(this, fault.Message, [remedy]);
    }

    /// <summary>Creates the exception for one image, from the error that came first.</summary>
    internal UndecodableImageException(string imageSource, string message, Exception? innerException)
        : base($"{imageSource}: {message}", innerException)
    {
        ImageSource = imageSource;
    }

    /// <summary>The path or the row of the image; null if unknown.</summary>
    public string? ImageSource { get; }
}
