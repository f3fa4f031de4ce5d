namespace MsVit.MLNet;

/// <summary>How images are stored during training.</summary>
public enum SampleStorage
{
    /// <summary>
    /// Decoded while they fit <see cref="MsVitOptions.MemoryBudget"/>, then whichever form is smaller. Encoded from the start if the recipe
    /// has a random resized crop and the column contains files. This is the default.
    /// </summary>
    Auto,

    /// <summary>
    /// Decoded once and resized to the network's input, which is fastest to read. A random resized crop is then taken from the resized
    /// image.
    /// </summary>
    Decoded,

    /// <summary>As encoded files, decoded on the worker threads at each use. Only for columns of encoded bytes.</summary>
    Encoded,
}
