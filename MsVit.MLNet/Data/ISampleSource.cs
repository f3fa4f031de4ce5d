namespace MsVit.MLNet;

/// <summary>Labeled samples of one shape, however they are kept. Any number of threads may read at the same time.</summary>
internal interface ISampleSource
{
    /// <summary>How many samples there are.</summary>
    int Count { get; }

    /// <summary>What each sample is.</summary>
    SampleShape Shape { get; }

    /// <summary>The class index of a sample.</summary>
    int Label(int sample);

    /// <summary>Writes a sample.</summary>
    /// <param name="sample">0 to <see cref="Count"/> - 1.</param>
    /// <param name="target">Exactly as many bytes as <see cref="Shape"/> has.</param>
    /// <param name="random">The sample's own stream of the epoch; a source that gives the same every time draws nothing.</param>
    void Write(int sample, Span<byte> target, ref RandomStream random);
}
