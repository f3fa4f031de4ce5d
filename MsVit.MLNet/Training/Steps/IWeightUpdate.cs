namespace MsVit.MLNet;

/// <summary>The end of a training step: changes the weights, or skips the step if its loss or a gradient is not finite.</summary>
internal interface IWeightUpdate : IDisposable
{
    /// <summary>Whether <see cref="Read"/> costs nothing. Where it waits for a device, it is called after some steps.</summary>
    bool IsReadAtOnce { get; }

    /// <summary>Decides from the sums of a step, and changes the weights or undoes the step.</summary>
    /// <param name="step">The step.</param>
    /// <param name="sums">Of all its passes.</param>
    /// <param name="gradients">Of all its passes; joined unless <see cref="IsReadAtOnce"/>.</param>
    void Run(StepFacts step, PassSums sums, StepGradients gradients);

    /// <summary>What the steps since the last reading came to.</summary>
    StepSums Read();
}

/// <summary>What is known of a step before it is computed.</summary>
/// <param name="Number">From 0 at the beginning of the run; draws depend on it.</param>
/// <param name="Samples">Of all its passes.</param>
/// <param name="Rate">The learning rate.</param>
internal readonly record struct StepFacts(long Number, int Samples, double Rate);
