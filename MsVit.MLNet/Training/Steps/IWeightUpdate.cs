namespace MsVit.MLNet;

/// <summary>The end of a training step: updates the weights, or skips the step if its loss or a gradient is not finite.</summary>
internal interface IWeightUpdate : IDisposable
{
    /// <summary>Whether <see cref="Read"/> costs nothing. If it waits for a device, it is called only every few steps.</summary>
    bool IsReadAtOnce { get; }

    /// <summary>Decides from the sums of a step whether it is taken, and updates the weights or undoes the step.</summary>
    /// <param name="step">The step.</param>
    /// <param name="sums">The sums over its passes on all ranks.</param>
    /// <param name="gradients">The gradients of these passes; joined unless <see cref="IsReadAtOnce"/>.</param>
    void Run(StepFacts step, PassSums sums, StepGradients gradients);

    /// <summary>The sums over the steps since the last reading.</summary>
    StepSums Read();
}

/// <summary>The facts about a step that do not depend on its result.</summary>
/// <param name="Number">Its number, from 0 at the beginning of the run.</param>
/// <param name="Samples">Samples of all passes.</param>
/// <param name="Rate">The learning rate.</param>
/// <param name="Unlabeled">How many of the samples have no label. The default is 0.</param>
/// <param name="Passes">Its passes on all ranks. The default is 1.</param>
internal readonly record struct StepFacts(long Number, int Samples, double Rate, int Unlabeled = 0, int Passes = 1);
