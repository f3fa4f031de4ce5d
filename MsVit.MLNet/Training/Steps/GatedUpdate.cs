using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>Changes the weights by a flag that is computed and kept on the device, so that the host can run ahead: on a GPU.</summary>
/// <remarks>
/// A step that is not finite leaves weights, moments and statistics as they were, as <see cref="ReadUpdate"/> does; that there was one, and what was
/// not finite in the first, is known at the next reading.
/// </remarks>
internal sealed class GatedUpdate : IWeightUpdate
{
    private const long OfLoss = -1, OfNorm = -2;

    private readonly LearnedState _learned;
    private readonly double _maxNorm;

    // float64, in which all counts are exact: of one step, and of those since the last reading.
    private readonly Tensor _loss, _right, _sums, _first;

    /// <param name="learned">What it changes.</param>
    /// <param name="maxNorm">Of all gradients; 0 for no limit.</param>
    /// <param name="device">Where the network lies.</param>
    public GatedUpdate(LearnedState learned, double maxNorm, Device device)
    {
        (_learned, _maxNorm) = (learned, maxNorm);
        _loss = zeros([], dtype: float64, device: device).DetachFromDisposeScope();
        _right = zeros([], dtype: float64, device: device).DetachFromDisposeScope();
        // Loss, right, samples, steps left out.
        _sums = zeros([4], dtype: float64, device: device).DetachFromDisposeScope();
        // The number of the first step that was left out, and the place in the gradients, OfLoss or OfNorm.
        _first = zeros([2], dtype: float64, device: device).DetachFromDisposeScope();
    }

    /// <inheritdoc/>
    public bool IsReadAtOnce => false;

    /// <inheritdoc/>
    public double LossScale => 1;

    /// <inheritdoc/>
    public void Begin()
    {
        _ = _loss.zero_();
        _ = _right.zero_();
    }

    /// <inheritdoc/>
    public bool Add(Tensor loss, Tensor right, double share)
    {
        using var gradientFree = no_grad();
        using var scope = NewDisposeScope();
        _ = _loss.AddInPlace(loss.to(float64) * tensor(share, dtype: float64));
        _ = _right.AddInPlace(right.to(float64));
        return true;
    }

    /// <inheritdoc/>
    public void End(int samples, long number, double rate)
    {
        using var gradientFree = no_grad();
        using var scope = NewDisposeScope();
        var gradients = _learned.Optimizer.JoinGradients();
        var norm = gradients.Norm();
        var taken = _loss.isfinite() & norm.isfinite();
        Note(taken, gradients, samples, number);
        var factor = _maxNorm > 0 ? GradientNorm.ClippingFactor(norm, _maxNorm) : ones_like(norm);
        _learned.Optimizer.StepIf(gradients, taken, rate, factor);
        _learned.Statistics.RestoreUnless(taken);
        _learned.Average?.UpdateIf(taken);
    }

    /// <inheritdoc/>
    public StepSums Read()
    {
        using var scope = NewDisposeScope();
        // The one transfer, and the one wait.
        var values = cat([_sums, _first]).cpu().data<double>().ToArray();
        _ = _sums.zero_();
        return new(values[0], (long)values[1], (long)values[2], values[3] > 0 ? new((int)values[3], (long)values[4], What(values[5])) : null);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var tensor in new[] { _loss, _right, _sums, _first })
        {
            tensor.Dispose();
        }
    }

    private void Note(Tensor taken, JoinedGradients gradients, int samples, long number)
    {
        var device = _loss.device;
        var facts = DeviceTransfer.Send(tensor((double[])[0, 1, samples, number, OfLoss, OfNorm]), device).unbind(0);
        var (zero, one, count, step, ofLoss, ofNorm) = (facts[0], facts[1], facts[2], facts[3], facts[4], facts[5]);
        var (element, isThere) = gradients.NotFinite();
        var place = where(_loss.isfinite(), where(isThere, element, ofNorm), ofLoss);
        var isFirst = taken.logical_not() & _sums.narrow(0, 3, 1).lt(one);
        _ = _first.copy_(where(isFirst, stack([step, place]), _first));
        // Chosen, not multiplied: what is not a number times 0 is none either.
        _ = _sums.AddInPlace(where(taken, stack([_loss * count, _right, count, zero]), stack([zero, zero, zero, one])));
    }

    private string What(double place) => place switch
    {
        OfLoss => "the loss is not finite",
        OfNorm => "the norm of the gradients is not finite",
        _ => $"the gradient of {_learned.Optimizer.NameAt(place)} is not finite",
    };
}
