namespace MsVit.MLNet;

/// <summary>Augments one stored sample in one epoch, with draws from the sample's own stream.</summary>
internal interface ISampleAugmentation
{
    /// <summary>Whether it changes nothing.</summary>
    bool IsIdentity { get; }

    /// <summary>The shape of an augmented sample.</summary>
    SampleShape Result(SampleShape shape);

    /// <summary>Writes the augmented sample.</summary>
    /// <param name="source">The stored sample.</param>
    /// <param name="shape">Its shape.</param>
    /// <param name="target">The augmented sample, of the shape that <see cref="Result"/> gives.</param>
    /// <param name="random">The sample's own stream.</param>
    void Apply(ReadOnlySpan<byte> source, SampleShape shape, Span<byte> target, ref RandomStream random);
}
