using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>The sums over the passes of one step, on their device: the loss, and the samples classified correctly.</summary>
internal sealed class PassSums : IDisposable
{
    // [2], float64, in which all counts are exact.
    private readonly Tensor _sums;

    /// <param name="device">The network's device.</param>
    public PassSums(Device device) => _sums = zeros([2], dtype: float64, device: device).DetachFromDisposeScope();

    /// <summary>The mean loss of the step's samples, [], float64. It is not finite if the loss of a pass is not.</summary>
    public Tensor Loss => _sums[0];

    /// <summary>Samples classified correctly, [], float64.</summary>
    public Tensor Right => _sums[1];

    /// <summary>Begins a step.</summary>
    public void Clear() => _ = _sums.zero_();

    /// <summary>Adds a pass.</summary>
    /// <param name="loss">The mean loss of its samples, [].</param>
    /// <param name="right">How many of them were classified correctly, [], int64.</param>
    /// <param name="share">Its share of the step's samples.</param>
    public void Add(Tensor loss, Tensor right, double share)
    {
        using var gradientFree = no_grad();
        using var scope = NewDisposeScope();
        _ = _sums.AddInPlace(stack([loss.to(float64) * tensor(share, dtype: float64), right.to(float64)]));
    }

    /// <summary>Both sums as numbers. It waits for a GPU.</summary>
    public (double Loss, long Right) Read()
    {
        using var scope = NewDisposeScope();
        var sums = _sums.cpu().data<double>();
        return (sums[0], (long)sums[1]);
    }

    /// <inheritdoc/>
    public void Dispose() => _sums.Dispose();
}
