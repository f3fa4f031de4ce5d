namespace MsVit.MLNet;

/// <summary>Reads the sums of every step before it changes the weights: on the CPU, and in float16.</summary>
/// <remarks>
/// In float16 a step whose gradients are not finite while the loss is scaled is undone and the scale halved. That is how the scale is found, and does
/// not count as a skipped step. What is not finite without the scale does.
/// </remarks>
/// <param name="learned">What it changes.</param>
/// <param name="maxNorm">Of all gradients; 0 for no limit.</param>
/// <param name="scaler">Of the loss, in float16; else null.</param>
internal sealed class ReadUpdate(LearnedState learned, double maxNorm, LossScaler? scaler) : IWeightUpdate
{
    private StepSums _steps;

    /// <inheritdoc/>
    public bool IsReadAtOnce => true;

    /// <inheritdoc/>
    public void Run(StepFacts step, PassSums sums, StepGradients gradients)
    {
        var scale = scaler?.Scale ?? 1;
        var (loss, right) = sums.Read();
        var hasLoss = double.IsFinite(loss);
        var norm = hasLoss ? gradients.Norm() / scale : double.NaN;
        if (double.IsFinite(norm))
        {
            learned.Optimizer.Step(gradients, step.Rate, (maxNorm > 0 ? GradientNorm.ClippingFactor(norm, maxNorm) : 1) / scale);
            learned.Average?.Update();
            scaler?.Update(isFinite: true);
            _steps = _steps with { Loss = _steps.Loss + (loss * step.Samples), Right = _steps.Right + right, Samples = _steps.Samples + step.Samples };
        }
        else if (hasLoss && scaler is { IsLeast: false })
        {
            scaler.Update(isFinite: false);
            learned.Undo();
        }
        else
        {
            var reason = !hasLoss ? $"the loss is {loss}"
                : gradients.FindNonFinite() is { } parameter ? $"the gradient of {parameter} is not finite"
                : "the norm of the gradients is not finite";
            _steps = _steps with { Skipped = _steps.Skipped is { } before ? before with { Count = before.Count + 1 } : new(1, step.Number, reason) };
            learned.Undo();
        }
    }

    /// <inheritdoc/>
    public StepSums Read()
    {
        var steps = _steps;
        _steps = default;
        return steps;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
