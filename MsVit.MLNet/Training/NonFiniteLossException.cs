namespace MsVit.MLNet;

/// <summary>The loss, or a gradient, became infinite or not a number; training stopped at that step.</summary>
public sealed class NonFiniteLossException : Exception
{
    /// <summary>Makes the exception with a message that names the step.</summary>
    internal NonFiniteLossException(int epoch, int step, string fault, double learningRate, int skipped, string lastCheckpoint)
        : base($"Training stopped in epoch {epoch}, step {step} (learning rate {learningRate:g3}): {fault}. {skipped} such steps were left out before. "
            + $"{lastCheckpoint} Lower the learning rate or lengthen the warm-up; inputs that are not finite cause it too.")
    {
        Epoch = epoch;
        Step = step;
    }

    /// <summary>The epoch, from 1.</summary>
    public int Epoch { get; }

    /// <summary>The step in that epoch, from 1.</summary>
    public int Step { get; }
}
