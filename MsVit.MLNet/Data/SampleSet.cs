namespace MsVit.MLNet.Data;

/// <summary>Some samples of a store: the training part or the validation part.</summary>
/// <param name="Store">Where the samples lie.</param>
/// <param name="Shape">What one sample is.</param>
/// <param name="Indices">The samples that belong to the set.</param>
internal sealed record SampleSet(SampleStore Store, SampleShape Shape, int[] Indices)
{
    /// <summary>How many samples belong to the set.</summary>
    public int Count => Indices.Length;

    /// <summary>How many samples each class has.</summary>
    /// <param name="classes">How many classes there are.</param>
    public long[] LabelCounts(int classes)
    {
        var counts = new long[classes];
        foreach (var index in Indices)
        {
            counts[Store.Label(index)]++;
        }
        return counts;
    }

    /// <summary>Parts a store into training and validation, class by class, so that both see the same mixture.</summary>
    /// <param name="store">A sealed store.</param>
    /// <param name="shape">What one sample is.</param>
    /// <param name="validationFraction">The share of each class that is held out, 0 to below 1, rounded; at least one sample of each class stays in training.</param>
    /// <param name="seed">Which samples are held out depends on this and on the order of the store alone.</param>
    public static (SampleSet Train, SampleSet Validation) Split(SampleStore store, SampleShape shape, double validationFraction, ulong seed)
    {
        var train = new List<int>();
        var validation = new List<int>();
        foreach (var members in Enumerable.Range(0, store.Count).GroupBy(store.Label).OrderBy(g => g.Key).Select(g => g.ToArray()))
        {
            var random = RandomStream.For(RandomPurpose.Split, seed, (ulong)store.Label(members[0]), 0);
            random.Shuffle<int>(members);
            var held = Math.Min(members.Length - 1, (int)Math.Round(members.Length * validationFraction, MidpointRounding.AwayFromZero));
            validation.AddRange(members.AsSpan(0, held));
            train.AddRange(members.AsSpan(held));
        }
        return (new(store, shape, [.. train.Order()]), new(store, shape, [.. validation.Order()]));
    }

    /// <summary>A whole store as one set.</summary>
    public static SampleSet All(SampleStore store, SampleShape shape) => new(store, shape, [.. Enumerable.Range(0, store.Count)]);
}
