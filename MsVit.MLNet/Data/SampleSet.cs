namespace MsVit.MLNet;

/// <summary>Some samples of a source: the training part or the validation part.</summary>
/// <param name="Source">Where the samples come from.</param>
/// <param name="Indices">The samples that belong to the set.</param>
internal sealed record SampleSet(ISampleSource Source, int[] Indices)
{
    /// <summary>What one sample is.</summary>
    public SampleShape Shape => Source.Shape;

    /// <summary>How many samples belong to the set.</summary>
    public int Count => Indices.Length;

    /// <summary>How many samples each class has.</summary>
    /// <param name="classes">How many classes there are.</param>
    public long[] LabelCounts(int classes)
    {
        var counts = new long[classes];
        foreach (var index in Indices)
        {
            counts[Source.Label(index)]++;
        }
        return counts;
    }

    /// <summary>Parts a source into training and validation, class by class, so that both see the same mixture.</summary>
    /// <param name="source">All samples.</param>
    /// <param name="validationFraction">The share of each class that is held out, 0 to below 1, rounded; at least one sample of each class stays in training.</param>
    /// <param name="seed">Which samples are held out depends on this and on the order of the samples alone.</param>
    public static (SampleSet Train, SampleSet Validation) Split(ISampleSource source, double validationFraction, ulong seed)
    {
        var train = new List<int>();
        var validation = new List<int>();
        foreach (var members in Enumerable.Range(0, source.Count).GroupBy(source.Label).OrderBy(g => g.Key).Select(g => g.ToArray()))
        {
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

    /// <summary>All samples of a sealed store that keeps them as the network takes them.</summary>
    public static SampleSet All(SampleStore store, SampleShape shape) => All(new DecodedSamples(store, shape));
}
