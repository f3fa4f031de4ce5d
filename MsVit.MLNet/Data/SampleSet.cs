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
    public static (SampleSet Train, SampleSet Validation) Split(ISampleSource source, double validationFraction, ulong seed)
    {
        var train = new List<int>();
        var validation = new List<int>();
        foreach (var members in Enumerable.Range(0, source.Count).GroupBy(source.Label).OrderBy(g => g.Key).Select(g => g.ToArray()))
        {
            if (source.Label(members[0]) == NoLabel)
            {
                train.AddRange(members);
                continue;
            }
            var random = RandomStream.For(RandomPurpose.Split, seed, (ulong)source.Label(members[0]), 0);
            random.Shuffle<int>(members);
            var held = Math.Min(members.Length - 1, (int)Math.Round(members.Length * validationFraction, MidpointRounding.AwayFromZero));
            validation.AddRange(members.AsSpan(0, held));
            train.AddRange(members.AsSpan(held));
        }
        return (new(source, [.. train.Order()]), new(source, [.. validation.Order()]));
    }

    /// <summary>All samples of a source.</summary>
    public static SampleSet All(ISampleSource source) => new(source, [.. Enumerable.Range(0, source.Count)]);

    /// <summary>All samples of a sealed store whose samples are in the network's format.</summary>
    public static SampleSet All(SampleStore store, SampleShape shape) => All(new DecodedSamples(store, shape));
}
