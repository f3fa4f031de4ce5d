namespace MsVit.MLNet;

/// <summary>Labeled samples of one shape, in any storage. Reading is thread-safe.</summary>
internal interface ISampleSource
{
    /// <summary>The number of samples.</summary>
    int Count { get; }

    /// <summary>The shape of each sample.</summary>
    SampleShape Shape { get; }

    /// <summary>The class index of a sample; <see cref="SampleSet.NoLabel"/> if it has no label.</summary>
    int Label(int sample);

    /// <summary>Writes a sample.</summary>
    /// <param name="sample">0 to <see cref="Count"/> - 1.</param>
    /// <param name="target">A span of exactly as many bytes as <see cref="Shape"/> has.</param>
    /// <param name="random">The sample's random stream in this epoch; not used by a source that always gives the same sample.</param>
    void Write(int sample, Span<byte> target, ref RandomStream random);
}
