using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>Changes the weights by a flag that is computed and kept on the device, so that the host can run ahead: on a GPU.</summary>
/// <remarks>
/// A step that is not finite leaves weights, moments and statistics as they were, as with <see cref="ReadUpdate"/>. That there was one, and what was
/// not finite in the first, is known at the next reading.
/// </remarks>
internal sealed class GatedUpdate : IWeightUpdate
{
    private const long OfLoss = -1, OfNorm = -2;

    private readonly LearnedState _learned;
    private readonly double _maxNorm;

    // float64, in which all counts are exact: of the steps since the last reading.
    private readonly Tensor _steps, _first;

    /// <param name="learned">What it changes.</param>
    /// <param name="maxNorm">Of all gradients; 0 for no limit.</param>
    /// <param name="device">Where the network lies.</param>
    public GatedUpdate(LearnedState learned, double maxNorm, Device device)
    {
        (_learned, _maxNorm) = (learned, maxNorm);
        // Loss, right, samples, skipped steps.
        _steps = zeros([4], dtype: float64, device: device).DetachFromDisposeScope();
        // The number of the first skipped step, and the place in the gradients, OfLoss or OfNorm.
        _first = zeros([2], dtype: float64, device: device).DetachFromDisposeScope();
    }

    /// <inheritdoc/>
    public bool IsReadAtOnce => false;

    /// <inheritdoc/>
    public void Run(StepFacts step, PassSums sums, StepGradients gradients)
    {
        using var gradientFree = no_grad();
        using var scope = NewDisposeScope();
        var norm = gradients.NormOnDevice();
        var taken = sums.Loss.isfinite() & norm.isfinite();
        Note(taken, step, sums, gradients);
        var factor = _maxNorm > 0 ? GradientNorm.ClippingFactor(norm, _maxNorm) : ones_like(norm);
        _learned.Optimizer.StepIf(gradients, taken, step.Rate, factor);
        _learned.Statistics.RestoreUnless(taken);
        _learned.Average?.UpdateIf(taken);
    }

    /// <inheritdoc/>
    public StepSums Read()
    {
        using var scope = NewDisposeScope();
        // The one transfer, and the one wait.
        var values = cat([_steps, _first]).cpu().data<double>().ToArray();
        _ = _steps.zero_();
        return new(values[0], (long)values[1], (long)values[2], values[3] > 0 ? new((int)values[3], (long)values[4], Reason(values[5])) : null);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _steps.Dispose();
        _first.Dispose();
    }

    private void Note(Tensor taken, StepFacts step, PassSums sums, StepGradients gradients)
    {
        var facts = DeviceTransfer.Send(tensor((double[])[0, 1, step.Samples, step.Number, OfLoss, OfNorm]), _steps.device).unbind(0);
        var (zero, one, count, number, ofLoss, ofNorm) = (facts[0], facts[1], facts[2], facts[3], facts[4], facts[5]);
        var (element, isThere) = gradients.NotFinite();
        var place = where(sums.Loss.isfinite(), where(isThere, element, ofNorm), ofLoss);
        var isFirst = taken.logical_not() & _steps.narrow(0, 3, 1).lt(one);
        _ = _first.copy_(where(isFirst, stack([number, place]), _first));
        // Chosen, not multiplied: what is not a number times 0 is none either.
        _ = _steps.AddInPlace(where(taken, stack([sums.Loss * count, sums.Right, count, zero]), stack([zero, zero, zero, one])));
    }

    private string Reason(double place) => place switch
    {
        OfLoss => "the loss is not finite",
        OfNorm => "the norm of the gradients is not finite",
        _ => $"the gradient of {_learned.Optimizer.NameAt(place)} is not finite",
    };
}
