namespace MsVit.MLNet;

/// <summary>What the user can do about an error or a warning: options to set. Whoever shows it puts it into words.</summary>
/// <param name="Purpose">What it is for, as the beginning of a sentence: "To skip such events". Empty if that is clear.</param>
/// <param name="Steps">The options, all of which are to be set.</param>
internal sealed record Remedy(string Purpose, params IReadOnlyList<RemedyStep> Steps)
{
    public Remedy(string purpose, RemedyOption option, string? value = null)
        : this(purpose, [new(option, value)])
    {
    }
}

/// <summary>An option to set.</summary>
/// <param name="Option">The option.</param>
/// <param name="Value">The value, in the library's spelling; null if only the user knows it.</param>
internal sealed record RemedyStep(RemedyOption Option, string? Value = null);

/// <summary>The options that errors and warnings ask the user to set. The library and the CLI have a name for each.</summary>
internal enum RemedyOption
{
    /// <summary>The format of a recording.</summary>
    Format,

    /// <summary>The size of the sensor, where recordings are read.</summary>
    Sensor,

    /// <summary>What happens to events outside the sensor.</summary>
    OutOfRange,

    /// <summary>Whether a file may end within a record.</summary>
    AcceptTruncated,

    /// <summary>The axes of AEDAT 1.0 and 2.0.</summary>
    Axes,

    /// <summary>The camera of AEDAT 2.0.</summary>
    Camera,

    /// <summary>The order of columns.</summary>
    Columns,

    /// <summary>The unit of times.</summary>
    TimeUnit,

    /// <summary>The size of the sensor, where frames are made.</summary>
    FrameSensor,

    /// <summary>The number of frames.</summary>
    TimeSteps,

    /// <summary>What happens to recordings that cannot be read, where frames are made.</summary>
    Unreadable,

    /// <summary>What happens to inputs that cannot be read, where a model is trained or scores.</summary>
    Undecodable,
}
