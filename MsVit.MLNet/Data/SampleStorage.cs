namespace MsVit.MLNet.Data;

/// <summary>How pictures are kept during training.</summary>
public enum SampleStorage
{
    /// <summary>
    /// Decoded as long as that fits <see cref="MsVitOptions.MemoryBudget"/>; beyond it whichever is smaller. Encoded from the first where the
    /// recipe cuts parts out of the original pictures. This is the default.
    /// </summary>
    Auto,

    /// <summary>Decoded once and resized to the network's input: the quickest to read. Not for recipes that need the original pictures.</summary>
    Decoded,

    /// <summary>As their files are, decoded anew each time on the worker threads. For columns of encoded bytes alone.</summary>
    Encoded,
}
