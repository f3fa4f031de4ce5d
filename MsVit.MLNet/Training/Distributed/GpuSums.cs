using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>Sums of tensors on this rank's GPU.</summary>
internal interface IGpuSums : IDisposable
{
    /// <summary>Begins a sum in place.</summary>
    IRankSum Begin(Tensor block, bool isDouble);
}

/// <summary>Sums without NCCL: to the CPU, over MPI, and back.</summary>
/// <param name="begin">Begins the sum of a tensor on the CPU.</param>
internal sealed class HostSums(Func<Tensor, IRankSum> begin) : IGpuSums
{
    /// <inheritdoc/>
    public IRankSum Begin(Tensor block, bool isDouble)
    {
        var copy = block.to(CPU, copy: true).DetachFromDisposeScope();
        return new HostSum(block, copy, begin(copy));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    private sealed class HostSum(Tensor block, Tensor copy, IRankSum inner) : IRankSum
    {
        private bool _hasEnded;

        public bool Poll()
        {
            if (!_hasEnded && inner.Poll())
            {
                Finish();
            }
            return _hasEnded;
        }

        public void Wait()
        {
            if (!_hasEnded)
            {
                inner.Wait();
                Finish();
            }
        }

        private void Finish()
        {
            using (no_grad())
            {
                block.copy_(copy);
            }
            copy.Dispose();
            _hasEnded = true;
        }
    }
}
