namespace MsVit.MLNet;

/// <summary>How event frames are augmented and mixed in training. The defaults are the reference's for CIFAR10-DVS, but for mixing, which is off.</summary>
/// <remarks>
/// Per sample, the same for all its frames, in this order: events dropped, mirrored, one of six operations. Then the samples of a batch are
/// mixed in mirrored order. The reference mixes with alpha 0.5 in half of the batches for the first 75 epochs.
/// </remarks>
public sealed record EventFrameRecipe
{
    /// <summary>Whether half of the samples, drawn anew each epoch, are mirrored left to right. The default is true; digits want false.</summary>
    public bool HorizontalFlip { get; init; } = true;

    /// <summary>
    /// Whether one of six operations, each equally likely, is applied: none, shear by up to 0.3 radians, move by up to 5 pixels along x or
    /// y, turn by up to 30 degrees, empty a square of up to 11 % of the area. The default is true.
    /// </summary>
    public bool Operations { get; init; } = true;

    /// <summary>
    /// Whether events are dropped (EventDrop, IJCAI 2021): in a stretch of time, in a box, at random, or none, each in a quarter of the
    /// cases. It takes whole counts. The default is false.
    /// </summary>
    public bool DropEvents { get; init; }

    /// <summary>
    /// Frames of a sample that are seen in training, drawn anew each epoch and kept in their order, 1 to the network's time steps; validation
    /// and scoring see all. 0 (the default) for all. Not for GLIF neurons.
    /// </summary>
    public int TrainTimeSteps { get; init; }

    /// <summary>
    /// How the samples of a batch are mixed; null (the default) for not at all. The reference takes
    /// <c>new Mixing { Probability = 0.5, OffEpoch = 75 }</c>.
    /// </summary>
    public Mixing? Mixing { get; init; }

    /// <summary>Names every value that is out of its range.</summary>
    internal IEnumerable<string> Faults()
    {
        if (TrainTimeSteps < 0)
        {
            yield return $"TrainTimeSteps is {TrainTimeSteps}; it must be 1 or more, or 0 for all.";
        }
        foreach (var fault in Mixing?.Faults() ?? [])
        {
            yield return "Mixing." + fault;
        }
    }
}
