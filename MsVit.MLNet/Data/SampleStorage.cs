namespace MsVit.MLNet;

/// <summary>How images are kept during training.</summary>
public enum SampleStorage
{
    /// <summary>
    /// Decoded as long as that fits <see cref="MsVitOptions.MemoryBudget"/>; beyond it whichever is smaller. Encoded from the first where the
    /// recipe has a random resized crop and the column holds files. This is the default.
    /// </summary>
    Auto,

    /// <summary>Decoded once and resized to the network's input: the quickest to read. A random resized crop is then cut out of what was resized.</summary>
    Decoded,

    /// <summary>As their files are, decoded anew each time on the worker threads. For columns of encoded bytes alone.</summary>
    Encoded,
}
