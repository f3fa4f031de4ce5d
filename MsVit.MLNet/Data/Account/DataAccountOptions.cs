using MsVit.MLNet.Events;

namespace MsVit.MLNet;

/// <summary>How to make an account of a data set.</summary>
public sealed record DataAccountOptions
{
    /// <summary>The kind of files to read; null (the default) for the kind of the clear majority.</summary>
    public SampleKind? Kind { get; init; }

    /// <summary>
    /// Whether to decode every file, which finds all that cannot be read, and measures sizes and durations. The default is false: only the
    /// first bytes of each file are read.
    /// </summary>
    public bool Decode { get; init; }

    /// <summary>How to read recordings. The default suits self-describing files.</summary>
    public EventReadOptions Reading { get; init; } = new();

    /// <summary>Whether folders with the names of parts are classes, and empty classes are left out. The default is false.</summary>
    public bool Force { get; init; }

    /// <summary>Receives the number of files that were read and of all files, from any thread; null (the default) for nobody.</summary>
    public IProgress<(long Done, long Total)>? Progress { get; init; }

    /// <summary>Puts an error of decoding into words; the CLI names its own options.</summary>
    internal Func<Exception, string> Describe { get; init; } = e => e.Message;

    /// <summary>Cancels the account. The default never does.</summary>
    public CancellationToken CancellationToken { get; init; }
}
