using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>The sums over the passes of one step, on their device: the losses, and the samples classified correctly.</summary>
internal sealed class PassSums : IDisposable
{
    // [3], float64, in which all counts are exact.
    private readonly Tensor _sums;

    /// <param name="device">The network's device.</param>
    public PassSums(Device device) => _sums = zeros([3], dtype: float64, device: device).DetachFromDisposeScope();

    /// <summary>The mean loss of the step's labels, [], float64. It is not finite if the loss of a pass is not.</summary>
    public Tensor Loss => _sums[0];

    /// <summary>Samples classified correctly, [], float64.</summary>
    public Tensor Right => _sums[1];

    /// <summary>The teacher's loss, [], float64; 0 without a teacher. It is not finite if the loss of a pass is not.</summary>
    public Tensor Teacher => _sums[2];

    /// <summary>Begins a step.</summary>
    public void Clear() => _ = _sums.zero_();

    /// <summary>Adds a pass.</summary>
    /// <param name="loss">Its losses.</param>
    /// <param name="right">How many of its samples were classified correctly, [], int64.</param>
    public void Add(PassLoss loss, Tensor right)
    {
        using var gradientFree = no_grad();
        using var scope = NewDisposeScope();
        var none = zeros_like(_sums[0]);
        var label = loss.Label is { } own ? own.detach().to(float64) * tensor(loss.Share, dtype: float64) : none;
        _ = _sums.AddInPlace(stack([label, right.to(float64), loss.Teacher?.detach().to(float64) ?? none]));
    }

    /// <summary>The sums as numbers. It waits for a GPU.</summary>
    public (double Loss, long Right, double Teacher) Read()
    {
        using var scope = NewDisposeScope();
        var sums = _sums.cpu().data<double>();
        return (sums[0], (long)sums[1], sums[2]);
    }

    /// <inheritdoc/>
    public void Dispose() => _sums.Dispose();
}
