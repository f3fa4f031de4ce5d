using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>The running statistics of a network's batch norms as they were before a step, to go back to if it is left out.</summary>
/// <remarks>A forward pass changes them before anybody sees that its loss is not finite. Saving is one copy for each type of number.</remarks>
internal sealed class NormStatistics : IDisposable
{
    private readonly Group[] _groups;

    /// <param name="network">On the device where it stays.</param>
    public NormStatistics(nn.Module network)
    {
        using var gradientFree = no_grad();
        // Views of the same memory, so that there is nothing to make at each step.
        _groups = [.. network.buffers().GroupBy(buffer => buffer.dtype)
            .Select(group => new Group([.. group.Select(buffer => buffer.view(-1).DetachFromDisposeScope())]))];
        Update();
    }

    /// <summary>Takes the present statistics.</summary>
    public void Update()
    {
        using var gradientFree = no_grad();
        foreach (var group in _groups)
        {
            group.Saved?.Dispose();
            group.Saved = cat(group.Current).DetachFromDisposeScope();
        }
    }

    /// <summary>Puts the statistics back.</summary>
    public void Restore()
    {
        foreach (var group in _groups)
        {
            group.Put(group.Saved!);
        }
    }

    /// <summary>Puts the statistics back unless a flag on their device says that the step was taken; nothing waits for the device.</summary>
    /// <param name="taken">[], bool.</param>
    public void RestoreUnless(Tensor taken)
    {
        using var gradientFree = no_grad();
        foreach (var group in _groups)
        {
            using var now = cat(group.Current);
            using var right = where(taken, now, group.Saved!);
            group.Put(right);
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

    // The buffers of one type, and their values one after the other.
    private sealed class Group(Tensor[] current) : IDisposable
    {
        public Tensor[] Current { get; } = current;

        public Tensor? Saved { get; set; }

        public void Put(Tensor values)
        {
            using var gradientFree = no_grad();
            var from = 0L;
            foreach (var buffer in Current)
            {
                using var own = values.narrow(0, from, buffer.numel());
                _ = buffer.copy_(own);
                from += buffer.numel();
            }
        }

        public void Dispose()
        {
            Saved?.Dispose();
            foreach (var view in Current)
            {
                view.Dispose();
            }
        }
    }
}
