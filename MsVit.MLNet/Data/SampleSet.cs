namespace MsVit.MLNet;

/// <summary>A subset of a source, such as the training or validation part.</summary>
/// <param name="Source">The source of the samples.</param>
/// <param name="Indices">The samples in the set.</param>
internal sealed record SampleSet(ISampleSource Source, int[] Indices)
{
    /// <summary>
    /// How much each sample of the source counts in the loss, finite and 0 or more; null (the default) if all count equally.
    /// </summary>
    public float[]? Weights { get; init; }

    /// <summary>The label of a sample without one.</summary>
    public const int NoLabel = -1;

    /// <summary>The vectors of a teacher, one for each sample of the source; null (the default) without a teacher.</summary>
    public TeacherVectors? Teacher { get; init; }

    /// <summary>The shape of a sample.</summary>
    public SampleShape Shape => Source.Shape;

    /// <summary>The number of samples in the set.</summary>
    public int Count => Indices.Length;

    /// <summary>The number of samples without a label.</summary>
    public int UnlabeledCount => Indices.Count(index => Source.Label(index) == NoLabel);

    /// <summary>The number of samples of each class.</summary>
    /// <param name="classes">The number of classes.</param>
    public long[] LabelCounts(int classes)
    {
        var counts = new long[classes];
        foreach (var index in Indices)
        {
            if (Source.Label(index) is not NoLabel and var label)
            {
                counts[label]++;
            }
        }
        return counts;
    }

    /// <summary>Splits a source into training and validation, stratified by class. Samples without a label are for training.</summary>
    /// <param name="source">The samples to split.</param>
    /// <param name="validationFraction">
    /// The share of each class to hold out, rounded, from 0 to below 1. At least one sample of each class stays in training.
    /// </param>
    /// <param name="seed">Together with the order of the samples, determines which are held out.</param>
    public static (SampleSet Train, SampleSet Validation) Split(ISampleSource source, double validationFraction, ulong seed) =>
        All(source).Split(validationFraction, seed);

    /// <summary>Splits the set like <see cref="Split(ISampleSource, double, ulong)"/>.</summary>
    /// <param name="fraction">The share of each class to hold out, rounded. At least one sample of each class stays.</param>
    /// <param name="seed">Together with the order of the samples, determines which are held out.</param>
    public (SampleSet Kept, SampleSet Held) Split(double fraction, ulong seed)
    {
        var (rest, held) = (new List<int>(), new List<int>());
        foreach (var members in Indices.GroupBy(Source.Label).OrderBy(g => g.Key).Select(g => g.ToArray()))
        {
            if (Source.Label(members[0]) == NoLabel)
            {
                rest.AddRange(members);
                continue;
            }
            var random = RandomStream.For(RandomPurpose.Split, seed, (ulong)Source.Label(members[0]), 0);
            random.Shuffle<int>(members);
            var count = Math.Min(members.Length - 1, (int)Math.Round(members.Length * fraction, MidpointRounding.AwayFromZero));
            held.AddRange(members.AsSpan(0, count));
            rest.AddRange(members.AsSpan(count));
        }
        return (this with { Indices = [.. rest.Order()] }, this with { Indices = [.. held.Order()] });
    }

    /// <summary>All samples of a source.</summary>
    public static SampleSet All(ISampleSource source) => new(source, [.. Enumerable.Range(0, source.Count)]);

    /// <summary>All samples of a sealed store whose samples are in the network's format.</summary>
    public static SampleSet All(SampleStore store, SampleShape shape) => All(new DecodedSamples(store, shape));
}
