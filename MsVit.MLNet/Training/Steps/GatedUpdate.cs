using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>Updates the weights by a flag that stays on the device, so that the host can run ahead: for a GPU.</summary>
/// <remarks>
/// A skipped step changes neither weights nor moments nor statistics, as with <see cref="ReadUpdate"/>. That steps were skipped, and why
/// the first one was, is known at the next reading.
/// </remarks>
internal sealed class GatedUpdate : IWeightUpdate
{
    private const long OfLoss = -1, OfNorm = -2;

    private readonly LearnedState _learned;
    private readonly double _maxNorm;
    private readonly RankGroup _ranks;
    private readonly Action<StepPart> _begins;

    // About the steps since the last reading; float64, in which all counts are exact.
    private readonly Tensor _steps, _first;

    /// <param name="learned">The state that it updates.</param>
    /// <param name="maxNorm">The largest norm of all gradients; 0 for no limit.</param>
    /// <param name="device">Where the network lies.</param>
    /// <param name="ranks">The ranks that take the step.</param>
    /// <param name="begins">Receives each part as it begins.</param>
    public GatedUpdate(LearnedState learned, double maxNorm, Device device, RankGroup ranks, Action<StepPart> begins)
    {
        (_learned, _maxNorm, _ranks, _begins) = (learned, maxNorm, ranks, begins);
        // Loss, right, samples, skipped steps, samples without a label, teacher's loss.
        _steps = zeros([6], dtype: float64, device: device).DetachFromDisposeScope();
        // The number of the first skipped step; the index of its first bad gradient element, OfLoss or OfNorm; and the rank, or -1.
        _first = zeros([3], dtype: float64, device: device).DetachFromDisposeScope();
    }

    /// <inheritdoc/>
    public bool IsReadAtOnce => false;

    /// <inheritdoc/>
    public void Run(StepFacts step, PassSums sums, StepGradients gradients)
    {
        using var gradientFree = no_grad();
        using var scope = NewDisposeScope();
        _begins(StepPart.Clipping);
        var norm = gradients.NormOnDevice();
        var (loss, teacher) = (sums.Loss, sums.Teacher);
        var hasLoss = loss.isfinite() & teacher.isfinite();
        var taken = hasLoss & norm.isfinite();
        Note(taken, hasLoss, (loss, teacher), step, sums, gradients);
        _begins(StepPart.Clipping);
        var factor = _maxNorm > 0 ? GradientNorm.ClippingFactor(norm, _maxNorm) : ones_like(norm);
        _begins(StepPart.Optimizer);
        _learned.Optimizer.StepIf(gradients, taken, step.Rate, factor);
        _begins(StepPart.Statistics);
        _learned.Statistics.Join(_ranks, step.Passes);
        _learned.Statistics.RestoreUnless(taken);
        _begins(StepPart.Average);
        _learned.AverageOfSteps?.UpdateIf(taken, [.. _learned.Optimizer.Blocks, .. _learned.Statistics.Blocks]);
    }

    /// <inheritdoc/>
    public StepSums Read()
    {
        using var scope = NewDisposeScope();
        // The only transfer, and the only wait.
        var values = cat([_steps, _first]).cpu().data<double>().ToArray();
        _ = _steps.zero_();
        var skipped = values[3] > 0
            ? new SkippedSteps((int)values[3], (long)values[6], Reason(values[7]) + PassSums.Where(_ranks, values[8]))
            : null;
        return new(values[0], (long)values[1], (long)values[2], skipped, (long)values[4], values[5]);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _steps.Dispose();
        _first.Dispose();
    }

    private void Note(
        Tensor taken, Tensor hasLoss, (Tensor Label, Tensor Teacher) loss, StepFacts step, PassSums sums, StepGradients gradients)
    {
        _begins(StepPart.Sums);
        double[] known = [0, 1, step.Samples, step.Number, OfLoss, OfNorm, step.Unlabeled, step.Samples - step.Unlabeled];
        var facts = DeviceTransfer.Send(tensor(known), _steps.device).unbind(0);
        var (zero, one, count, number, ofLoss, ofNorm) = (facts[0], facts[1], facts[2], facts[3], facts[4], facts[5]);
        var (unlabeled, labeled) = (facts[6], facts[7]);
        _begins(StepPart.Finiteness);
        var (element, isThere) = gradients.FindNonFiniteOnDevice();
        _begins(StepPart.Sums);
        var place = where(hasLoss, where(isThere, element, ofNorm), ofLoss);
        var isFirst = taken.logical_not() & _steps.narrow(0, 3, 1).lt(one);
        _ = _first.copy_(where(isFirst, stack([number, place, sums.FaultyRank]), _first));
        // Selected, not multiplied: NaN times 0 is NaN.
        _ = _steps.AddInPlace(where(
            taken,
            stack([loss.Label * labeled, sums.Right, count, zero, unlabeled, loss.Teacher * count]),
            stack([zero, zero, zero, one, zero, zero])));
    }

    private string Reason(double place) => place switch
    {
        OfLoss => "the loss is not finite",
        OfNorm => "the norm of the gradients is not finite",
        _ => $"the gradient of {_learned.Optimizer.NameAt(place)} is not finite",
    };
}
