namespace MsVit.MLNet;

/// <summary>Reads the sums of every step before it updates the weights: for the CPU, and for float16.</summary>
/// <remarks>
/// In float16, if gradients are not finite while the loss is scaled, the step is undone and the scale is halved. This is how the scale is
/// found, so the step does not count as skipped. If they are not finite at scale 1, it does.
/// </remarks>
/// <param name="learned">The state that it updates.</param>
/// <param name="maxNorm">The largest norm of all gradients; 0 for no limit.</param>
/// <param name="scaler">The loss scale in float16; otherwise null.</param>
/// <param name="ranks">The ranks that take the step.</param>
internal sealed class ReadUpdate(LearnedState learned, double maxNorm, LossScaler? scaler, RankGroup ranks) : IWeightUpdate
{
    private StepSums _steps;

    /// <inheritdoc/>
    public bool IsReadAtOnce => true;

    /// <inheritdoc/>
    public void Run(StepFacts step, PassSums sums, StepGradients gradients)
    {
        var scale = scaler?.Scale ?? 1;
        var (loss, right, teacher) = sums.Read();
        var hasLoss = double.IsFinite(loss + teacher);
        var norm = hasLoss ? gradients.Norm() / scale : double.NaN;
        if (double.IsFinite(norm))
        {
            var clipping = maxNorm > 0 ? GradientNorm.ClippingFactor(norm, maxNorm) : 1;
            learned.Optimizer.Step(gradients, step.Rate, clipping / scale);
            learned.Statistics.Join(ranks, step.Passes);
            learned.AverageOfSteps?.Update();
            scaler?.Update(isFinite: true);
            _steps = _steps with
            {
                Loss = _steps.Loss + (loss * (step.Samples - step.Unlabeled)),
                Right = _steps.Right + right,
                Samples = _steps.Samples + step.Samples,
                Unlabeled = _steps.Unlabeled + step.Unlabeled,
                Teacher = _steps.Teacher + (teacher * step.Samples),
            };
        }
        else if (hasLoss && scaler is { IsLeast: false })
        {
            scaler.Update(isFinite: false);
            learned.Undo();
        }
        else
        {
            var reason = !double.IsFinite(loss) ? $"the loss is {loss}"
                : !hasLoss ? $"the teacher's loss is {teacher}"
                : gradients.FindNonFinite() is { } parameter ? $"the gradient of {parameter} is not finite"
                : "the norm of the gradients is not finite";
            var skipped = _steps.Skipped is { } before ? before with { Count = before.Count + 1 }
                : new(1, step.Number, reason + sums.WhereFaulty(ranks));
            _steps = _steps with { Skipped = skipped };
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
