using MsVit.MLNet.Kernels;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>The running statistics of a network's batch norms before a step, to restore them if it is skipped.</summary>
/// <remarks>
/// A forward pass changes them before its loss is known. The buffers move into one block of memory per element type, so saving is one
/// copy of each.
/// </remarks>
internal sealed class NormStatistics : IDisposable
{
    private readonly nn.Module _network;
    private readonly bool _isShared;
    private readonly BufferGroup[] _groups;

    /// <param name="network">The network, on the device where it stays.</param>
    /// <param name="isShared">
    /// Whether each rank's norms see the passes of all ranks, so that there is nothing to join. The default is false.
    /// </param>
    public NormStatistics(nn.Module network, bool isShared = false)
    {
        (_network, _isShared) = (network, isShared);
        using var gradientFree = no_grad();
        _groups = [.. network.buffers().GroupBy(buffer => buffer.dtype).Select(group => new BufferGroup([.. group]))];
    }

    /// <summary>The buffers, each type in one block.</summary>
    public IEnumerable<FlatTensors> Blocks => _groups.Select(group => group.Current);

    /// <summary>Counts a batch for every norm in training, in one call.</summary>
    public void CountBatch()
    {
        using var gradientFree = no_grad();
        foreach (var group in _groups.Where(group => !group.Now.is_floating_point()))
        {
            using var scope = NewDisposeScope();
            group.Ones ??= Of(group, norm => norm.training ? 1 : 0).to(group.Now.dtype).DetachFromDisposeScope();
            _ = group.Now.AddInPlace(group.Ones);
        }
    }

    /// <summary>Saves the present statistics.</summary>
    public void Update()
    {
        using var gradientFree = no_grad();
        foreach (var group in _groups)
        {
            _ = group.Saved.copy_(group.Now);
        }
    }

    /// <summary>Joins the statistics of ranks, each of which has seen its own passes, into those of a process that has seen all.</summary>
    /// <remarks>
    /// A pass with the statistic x turns r into k r + (1 - k) x, with k = 1 - momentum. So n passes turn r into k^n r + S, and the next
    /// rank's passes turn that into k^n' (k^n r + S) + S'. Each rank gives its S times the k of all passes behind its own. A count
    /// of batches has k = 1, and so has a frozen norm, whose S is 0.
    /// </remarks>
    /// <param name="ranks">The ranks.</param>
    /// <param name="passes">The passes of the step, shared out among them.</param>
    public void Join(RankGroup ranks, int passes)
    {
        if (ranks.Size == 1 || _isShared)
        {
            return;
        }
        using var gradientFree = no_grad();
        var (first, end) = ranks.Share(passes, ranks.Rank);
        foreach (var group in _groups)
        {
            using var scope = NewDisposeScope();
            var keep = group.Keep ??= Of(
                group, norm => norm.training && group.Now.is_floating_point() ? 1 - RunningStatistics.MomentumOf(norm) : 1)
                .DetachFromDisposeScope();
            var (now, before) = (group.Now.to(float64), group.Saved.to(float64));
            var own = (now - (before * After(end - first))) * After(passes - end);
            ranks.Sum(own);
            _ = group.Now.copy_((before * After(passes)).Plus(own).to(group.Saved.dtype));

            Tensor After(int count) => keep.pow((TensorExpression)ones_like(keep) * count);
        }
    }

    /// <summary>Restores the statistics.</summary>
    public void Restore()
    {
        using var gradientFree = no_grad();
        foreach (var group in _groups)
        {
            _ = group.Now.copy_(group.Saved);
        }
    }

    /// <summary>Restores the statistics unless a flag on their device says that the step was taken. Nothing waits for the device.</summary>
    /// <param name="taken">[], bool.</param>
    public void RestoreUnless(Tensor taken)
    {
        using var gradientFree = no_grad();
        foreach (var group in _groups)
        {
            using var kept = where(taken, group.Now, group.Saved);
            _ = group.Now.copy_(kept);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var group in _groups)
        {
            group.Dispose();
        }
    }

    // The value of its norm for each element, [all], float64. Which norms are frozen does not change within a run.
    private Tensor Of(BufferGroup group, Func<BatchNorm, double> value)
    {
        var norms = _network.named_modules().Where(item => item.module is BatchNorm).ToDictionary(item => item.name, item => item.module);
        var values = _network.named_buffers().Where(item => item.buffer.dtype == group.Now.dtype).Select(item =>
        {
            var norm = (BatchNorm)norms[item.name[..Math.Max(0, item.name.LastIndexOf('.'))]];
            return ((TensorExpression)ones([item.buffer.numel()], dtype: float64, device: item.buffer.device) * value(norm)).Tensor;
        });
        return group.Current.Joined(values);
    }

    // The buffers of one element type, in one block of memory, and their saved values.
    private sealed class BufferGroup : IDisposable
    {
        public BufferGroup(Tensor[] buffers)
        {
            Current = new(buffers);
            Saved = Current.Block.clone().DetachFromDisposeScope();
        }

        public FlatTensors Current { get; }

        public Tensor Now => Current.Block;

        public Tensor Saved { get; }

        // k, as in Join; null before ranks are joined.
        public Tensor? Keep { get; set; }

        // 1 for each norm in training; null before batches are counted here.
        public Tensor? Ones { get; set; }

        public void Dispose()
        {
            Saved.Dispose();
            Keep?.Dispose();
            Ones?.Dispose();
            Current.Dispose();
        }
    }
}
