namespace MsVit.MLNet.Events;

/// <summary>A recording, or a text file that belongs to one, does not match its format.</summary>
public sealed class EventFormatException : FormatException
{
    /// <summary>Creates the exception without a file.</summary>
    public EventFormatException()
        : this("A recording cannot be read.")
    {
    }

    /// <summary>Creates the exception without a file.</summary>
    /// <param name="message">What is wrong, what was expected, and what to do.</param>
    public EventFormatException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception without a file.</summary>
    /// <param name="message">What is wrong, what was expected, and what to do.</param>
    /// <param name="innerException">The underlying error.</param>
    public EventFormatException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Creates the exception for a location in a file.</summary>
    /// <param name="fileName">The path or name of the recording, with which the message starts.</param>
    /// <param name="location">The location in the file, such as "byte 12" or "line 3".</param>
    /// <param name="message">What is wrong, what was expected, and what to do.</param>
    /// <param name="innerException">The underlying error, or null.</param>
    public EventFormatException(string fileName, string location, string message, Exception? innerException = null)
        : base($"{fileName}, {location}: {message}", innerException)
    {
        FileName = fileName;
        Location = location;
    }

    /// <summary>Creates the exception for a location in a file, with the options that may help.</summary>
    internal EventFormatException(
        string fileName, string location, string problem, IReadOnlyList<Remedy> remedies, Exception? innerException = null)
        : this(fileName, location, RemedyText.InCode(problem, remedies), innerException)
    {
        Advice.Attach(this, $"{fileName}, {location}: {problem}", remedies);
    }

    /// <summary>The path or name of the recording; null if unknown.</summary>
    public string? FileName { get; }

    /// <summary>The location in the file, such as "byte 12" or "line 3"; null if unknown.</summary>
    public string? Location { get; }

    /// <summary>The same error with another way out.</summary>
    internal EventFormatException With(Remedy remedy)
    {
        var prefix = $"{FileName}, {Location}: ";
        var problem = Advice.ProblemOf(this);
        return FileName is null || Location is null || !problem.StartsWith(prefix, StringComparison.Ordinal)
            ? this
            : new(FileName, Location, problem[prefix.Length..], [.. Advice.Of(this)?.Remedies ?? [], remedy], this);
    }
}
