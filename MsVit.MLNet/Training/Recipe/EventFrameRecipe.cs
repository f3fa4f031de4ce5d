namespace MsVit.MLNet;

/// <summary>
/// How event frames are augmented and mixed in training. The defaults are the reference's for CIFAR10-DVS, except that mixing is off.
/// </summary>
/// <remarks>
/// Each sample is augmented in this order, the same way in all its frames: events are dropped, the frames are mirrored, and one of six
/// operations is applied. Then the samples of a batch are mixed with those at the mirrored positions. The reference mixes with alpha 0.5
/// in half of the batches during the first 75 epochs.
/// </remarks>
public sealed record EventFrameRecipe
{
    /// <summary>
    /// Whether a random half of the samples is mirrored left to right in each epoch. The default is true. Set it to false for digits.
    /// </summary>
    public bool HorizontalFlip { get; init; } = true;

    /// <summary>
    /// Whether one of six operations, each equally likely, is applied: none, shear by up to 0.3 radians, shift by up to 5 pixels along x,
    /// the same along y, rotate by up to 30 degrees, or clear a square of up to 11 % of the area. The default is true.
    /// </summary>
    public bool Operations { get; init; } = true;

    /// <summary>
    /// Whether events are dropped (EventDrop, IJCAI 2021): in a time span, in a box, at random, or not at all, each in a quarter of the
    /// cases. The frames must hold whole counts. The default is false.
    /// </summary>
    public bool DropEvents { get; init; }

    /// <summary>
    /// How many of a sample's frames are used in training, 1 to the network's time steps. They are drawn in each epoch and keep their
    /// order. Validation and scoring use all frames. 0 (the default) uses all. Not available for GLIF neurons.
    /// </summary>
    public int TrainTimeSteps { get; init; }

    /// <summary>
    /// How the samples of a batch are mixed; null (the default) for not at all. The reference uses
    /// <c>new Mixing { Probability = 0.5, OffEpoch = 75 }</c>.
    /// </summary>
    public Mixing? Mixing { get; init; }

    /// <summary>Lists every value that is out of range.</summary>
    internal IEnumerable<string> ValidationErrors()
    {
        if (TrainTimeSteps < 0)
        {
            yield return $"TrainTimeSteps is {TrainTimeSteps}; it must be 1 or more, or 0 for all.";
        }
        foreach (var fault in Mixing?.ValidationErrors() ?? [])
        {
            yield return "Mixing." + fault;
        }
    }
}
