namespace MsVit.MLNet.Events;

/// <summary>The bytes of a recording, or the rows of a file beside it, are not what their format asks for.</summary>
public sealed class EventFormatException : FormatException
{
    /// <summary>Creates the exception without saying which file it is about.</summary>
    public EventFormatException()
        : this("A recording cannot be read.")
    {
    }

    /// <summary>Creates the exception without saying which file it is about.</summary>
    /// <param name="message">What is wrong, what was expected, and what to do.</param>
    public EventFormatException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception without saying which file it is about.</summary>
    /// <param name="message">What is wrong, what was expected, and what to do.</param>
    /// <param name="innerException">The error underneath.</param>
    public EventFormatException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Creates the exception for one place in a file.</summary>
    /// <param name="fileName">The path or name of the recording. The message begins with it.</param>
    /// <param name="place">Where in it, such as "byte 12" or "line 3".</param>
    /// <param name="message">What is wrong, what was expected, and what to do.</param>
    /// <param name="innerException">The error underneath, if any.</param>
    public EventFormatException(string fileName, string place, string message, Exception? innerException = null)
        : base($"{fileName}, {place}: {message}", innerException)
    {
        FileName = fileName;
        Place = place;
    }

    /// <summary>The path or name of the recording; null if unknown.</summary>
    public string? FileName { get; }

    /// <summary>Where in the file, such as "byte 12" or "line 3"; null if unknown.</summary>
    public string? Place { get; }
}
