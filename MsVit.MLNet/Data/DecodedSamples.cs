namespace MsVit.MLNet;

/// <summary>Samples that are kept as the network takes them.</summary>
/// <param name="store">Sealed; each of its samples has the bytes of the shape.</param>
/// <param name="shape">What one sample is.</param>
internal sealed class DecodedSamples(SampleStore store, SampleShape shape) : ISampleSource
{
    /// <inheritdoc/>
    public int Count => store.Count;

    /// <inheritdoc/>
    public SampleShape Shape => shape;

    /// <inheritdoc/>
    public int Label(int sample) => store.Label(sample);

    /// <inheritdoc/>
    public void Write(int sample, Span<byte> target, ref RandomStream random) => store.Read(sample, target);
}
