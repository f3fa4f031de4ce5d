using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>The sums over the passes of one step, on their device: the losses, and the samples classified correctly.</summary>
internal sealed class PassSums : IDisposable
{
    private const int Count = 3;

    // [3] of this rank, float64, in which all counts are exact; and [3] of all ranks, followed by a 1 for each rank with a fault. Alone,
    // both are one tensor.
    private readonly Tensor _own, _all;

    // -1 and 0, [].
    private readonly Tensor _nobody, _none;

    /// <param name="device">The network's device.</param>
    /// <param name="ranks">How many ranks there are. The default is 1.</param>
    public PassSums(Device device, int ranks = 1)
    {
        _own = zeros([Count], dtype: float64, device: device).DetachFromDisposeScope();
        _all = ranks == 1 ? _own : zeros([Count + ranks], dtype: float64, device: device).DetachFromDisposeScope();
        _none = zeros([], dtype: float64, device: device).DetachFromDisposeScope();
        _nobody = ones([], dtype: float64, device: device).negative().DetachFromDisposeScope();
    }

    /// <summary>The mean loss of the step's labels, [], float64. It is not finite if the loss of a pass is not.</summary>
    public Tensor Loss => _all[0];

    /// <summary>Samples classified correctly, [], float64.</summary>
    public Tensor Right => _all[1];

    /// <summary>The teacher's loss, [], float64; 0 without a teacher. It is not finite if the loss of a pass is not.</summary>
    public Tensor Teacher => _all[2];

    /// <summary>
    /// The first rank whose own loss or gradient is not finite, [], float64; -1 if that is true of no rank or of all, or if there is only
    /// one.
    /// </summary>
    public Tensor FaultyRank
    {
        get
        {
            if (_all.shape[0] == Count)
            {
                return _nobody;
            }
            var faults = _all.narrow(0, Count, _all.shape[0] - Count).gt(zeros_like(_nobody));
            return where(faults.any() & faults.all().logical_not(), faults.to(int8).argmax().to(float64), _nobody);
        }
    }

    /// <summary>Begins a step.</summary>
    public void Clear() => _ = _own.zero_();

    /// <summary>Adds a pass.</summary>
    /// <param name="loss">Its losses.</param>
    /// <param name="right">How many of its samples were classified correctly, [], int64.</param>
    public void Add(PassLoss loss, Tensor right)
    {
        using var gradientFree = no_grad();
        using var scope = NewDisposeScope();
        var label = loss.Label?.to(float64) ?? _none;
        label = loss.Share == 1 ? label : label * tensor(loss.Share, dtype: float64);
        _ = _own.AddInPlace(stack([label, right.to(float64), loss.Teacher?.to(float64) ?? _none]));
    }

    /// <summary>Adds the sums of the other ranks. Alone, they are complete without it.</summary>
    /// <param name="ranks">The ranks.</param>
    /// <param name="hasGradients">Whether the gradients of this rank are finite, [], bool.</param>
    public void Join(RankGroup ranks, Tensor hasGradients)
    {
        using var gradientFree = no_grad();
        using var scope = NewDisposeScope();
        var isFinite = _own.sum().isfinite() & hasGradients;
        _ = _all.zero_();
        _ = _all.narrow(0, 0, Count).copy_(_own);
        _ = _all.narrow(0, Count + ranks.Rank, 1).copy_(isFinite.logical_not());
        ranks.Sum(_all);
    }

    /// <summary>Whether the losses of this rank are finite so far. It waits for a GPU.</summary>
    public bool IsOwnFinite()
    {
        using var scope = NewDisposeScope();
        var sums = _own.cpu().data<double>();
        return double.IsFinite(sums[0] + sums[2]);
    }

    /// <summary>Where the sums stopped being finite, in words that begin with a blank; empty if no single rank did it.</summary>
    /// <param name="ranks">The ranks.</param>
    public string WhereFaulty(RankGroup ranks)
    {
        using var scope = NewDisposeScope();
        return Where(ranks, FaultyRank.item<double>());
    }

    /// <summary>The same for a value of <see cref="FaultyRank"/>.</summary>
    public static string Where(RankGroup ranks, double rank) => rank < 0 ? "" : $" on {ranks.Name((int)rank)}";

    /// <summary>The sums as numbers. It waits for a GPU.</summary>
    public (double Loss, long Right, double Teacher) Read()
    {
        using var scope = NewDisposeScope();
        var sums = _all.cpu().data<double>();
        return (sums[0], (long)sums[1], sums[2]);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _own.Dispose();
        _all.Dispose();
        _nobody.Dispose();
        _none.Dispose();
    }
}
