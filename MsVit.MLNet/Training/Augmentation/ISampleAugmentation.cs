namespace MsVit.MLNet;

/// <summary>What is done to one stored sample in one epoch, drawn from the sample's own stream.</summary>
internal interface ISampleAugmentation
{
    /// <summary>Whether it changes nothing.</summary>
    bool IsIdentity { get; }

    /// <summary>What an augmented sample is.</summary>
    SampleShape Result(SampleShape shape);

    /// <summary>Writes the augmented sample.</summary>
    /// <param name="source">A sample as the store holds it.</param>
    /// <param name="shape">What it is.</param>
    /// <param name="target">As many bytes as <see cref="Result"/> says.</param>
    /// <param name="random">The sample's own stream.</param>
    void Apply(ReadOnlySpan<byte> source, SampleShape shape, Span<byte> target, ref RandomStream random);
}
