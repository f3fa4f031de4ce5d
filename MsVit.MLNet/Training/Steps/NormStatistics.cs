using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>The running statistics of a network's batch norms before a step, to restore them if it is skipped.</summary>
/// <remarks>A forward pass changes them before its loss is known. Saving is one copy per element type.</remarks>
internal sealed class NormStatistics : IDisposable
{
    private readonly BufferGroup[] _groups;

    /// <param name="network">The network, on the device where it stays.</param>
    public NormStatistics(nn.Module network)
    {
        using var gradientFree = no_grad();
        // Views of the same memory, so that a step creates nothing.
        _groups = [.. network.buffers().GroupBy(buffer => buffer.dtype)
            .Select(group => new BufferGroup([.. group.Select(buffer => buffer.view(-1).DetachFromDisposeScope())]))];
        Update();
    }

    /// <summary>Saves the present statistics.</summary>
    public void Update()
    {
        using var gradientFree = no_grad();
        foreach (var group in _groups)
        {
            group.Saved?.Dispose();
            group.Saved = cat(group.Current).DetachFromDisposeScope();
        }
    }

    /// <summary>Restores the statistics.</summary>
    public void Restore()
    {
        foreach (var group in _groups)
        {
            group.Put(group.Saved!);
        }
    }

    /// <summary>Restores the statistics unless a flag on their device says that the step was taken. Nothing waits for the device.</summary>
    /// <param name="taken">[], bool.</param>
    public void RestoreUnless(Tensor taken)
    {
        using var gradientFree = no_grad();
        foreach (var group in _groups)
        {
            using var now = cat(group.Current);
            using var kept = where(taken, now, group.Saved!);
            group.Put(kept);
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

    // The buffers of one element type, and their saved values as one vector.
    private sealed class BufferGroup(Tensor[] current) : IDisposable
    {
        public Tensor[] Current { get; } = current;

        public Tensor? Saved { get; set; }

        public void Put(Tensor values)
        {
            using var gradientFree = no_grad();
            var from = 0L;
            foreach (var buffer in Current)
            {
                using var part = values.narrow(0, from, buffer.numel());
                _ = buffer.copy_(part);
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
