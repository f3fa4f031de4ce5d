using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>Reads loss and gradients of every step before it changes the weights: on the CPU, and in float16.</summary>
/// <remarks>
/// In float16 a step whose gradients are not finite while the loss is multiplied is left out and the multiplier halved: that is how the multiplier
/// is found, and no fault. What is not finite without it is one.
/// </remarks>
/// <param name="learned">What it changes.</param>
/// <param name="maxNorm">Of all gradients; 0 for no limit.</param>
/// <param name="scaler">Of the loss, in float16; else null.</param>
internal sealed class ReadUpdate(LearnedState learned, double maxNorm, LossScaler? scaler) : IWeightUpdate
{
    private double _loss;
    private long _right;
    private string? _fault;
    private StepSums _sums;

    /// <inheritdoc/>
    public bool IsReadAtOnce => true;

    /// <inheritdoc/>
    public double LossScale => scaler?.Scale ?? 1;

    /// <inheritdoc/>
    public void Begin() => (_loss, _right, _fault) = (0, 0, null);

    /// <inheritdoc/>
    public bool Add(Tensor loss, Tensor right, double share)
    {
        var value = loss.Number();
        if (!double.IsFinite(value))
        {
            _fault = $"the loss is {value}";
            return false;
        }
        _loss += value * share;
        _right += right.Count();
        return true;
    }

    /// <inheritdoc/>
    public void End(int samples, long number, double rate)
    {
        var norm = _fault is null ? GradientNorm.Of(learned.Network) / LossScale : 0;
        if (!double.IsFinite(norm))
        {
            if (scaler is { IsLeast: false })
            {
                scaler.Update(isFinite: false);
                learned.Undo();
                return;
            }
            _fault = GradientCheck.FindNonFinite(learned.Network) is { } parameter ? $"the gradient of {parameter} is not finite" : "the norm of the gradients is not finite";
        }
        if (_fault is not null)
        {
            learned.Undo();
            _sums = _sums with { Fault = new((_sums.Fault?.Count ?? 0) + 1, _sums.Fault?.First ?? number, _sums.Fault?.What ?? _fault) };
            return;
        }
        learned.Optimizer.Step(rate, (maxNorm > 0 ? GradientNorm.ClippingFactor(norm, maxNorm) : 1) / LossScale);
        learned.Average?.Update();
        scaler?.Update(isFinite: true);
        _sums = _sums with { Loss = _sums.Loss + (_loss * samples), Right = _sums.Right + _right, Samples = _sums.Samples + samples };
    }

    /// <inheritdoc/>
    public StepSums Read()
    {
        var sums = _sums;
        _sums = default;
        return sums;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
