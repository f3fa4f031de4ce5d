namespace MsVit.MLNet;

/// <summary>Samples stored in the format that the network reads.</summary>
/// <param name="store">A sealed store whose samples all have the byte size of the shape.</param>
/// <param name="shape">The shape of a sample.</param>
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
