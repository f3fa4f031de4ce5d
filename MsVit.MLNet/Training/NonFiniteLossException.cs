namespace MsVit.MLNet;

/// <summary>The loss or a gradient was infinite or not a number in more steps than the recipe allows; training stopped.</summary>
public sealed class NonFiniteLossException : Exception
{
    /// <summary>Creates the exception with a message that names the step.</summary>
    internal NonFiniteLossException(int epoch, int step, string reason, double learningRate, int skipped, string lastCheckpoint)
        : base($"Training stopped in epoch {epoch}, step {step} (learning rate {learningRate:g3}): {reason}. "
            + $"{skipped} such steps were skipped before. {lastCheckpoint} "
            + "Lower the learning rate or lengthen the warm-up. Inputs that are not finite are another possible cause.")
    {
        Epoch = epoch;
        Step = step;
    }

    /// <summary>The epoch, from 1.</summary>
    public int Epoch { get; }

    /// <summary>The step in that epoch, from 1.</summary>
    public int Step { get; }
}
