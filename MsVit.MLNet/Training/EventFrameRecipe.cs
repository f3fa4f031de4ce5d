namespace MsVit.MLNet.Training;

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

    /// <summary>Alpha of the Beta distribution of the mixing weight, 0.05 to 4. The default is 0.5.</summary>
    public double MixupAlpha { get; init; } = 0.5;

    /// <summary>The share of batches that are mixed, 0 to 1. The default is 0; the reference takes 0.5.</summary>
    public double MixupProbability { get; init; }

    /// <summary>The share of the epochs, 0 to 1, after which nothing is mixed any more. The default is 0.75; the reference takes 75 of 96 epochs.</summary>
    public double MixupUntil { get; init; } = 0.75;

    /// <summary>Names every value that is out of its range.</summary>
    internal IEnumerable<string> Faults()
    {
        if (TrainTimeSteps < 0)
        {
            yield return $"TrainTimeSteps is {TrainTimeSteps}; it must be 1 or more, or 0 for all.";
        }
        if (!(MixupAlpha is >= 0.05 and <= 4))
        {
            yield return $"MixupAlpha is {MixupAlpha}; it must be from 0.05 to 4.";
        }
        if (!(MixupProbability is >= 0 and <= 1))
        {
            yield return $"MixupProbability is {MixupProbability}; it must be from 0 to 1.";
        }
        if (!(MixupUntil is >= 0 and <= 1))
        {
            yield return $"MixupUntil is {MixupUntil}; it must be from 0 to 1.";
        }
    }
}
