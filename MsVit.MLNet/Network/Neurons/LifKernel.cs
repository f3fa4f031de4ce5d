using MsVit.MLNet.Network.Neurons.Cuda;
using MsVit.MLNet.Network.Neurons.Fused;
using static TorchSharp.torch;

namespace MsVit.MLNet.Network.Neurons;

/// <summary>The one door to the LIF and PLIF computation: takes the fastest implementation that fits the input.</summary>
internal static class LifKernel
{
    private static volatile int _eagerScopes;

    /// <summary>The spikes of a layer, [T, ...], for the input currents <paramref name="x"/>, [T, ...]; differentiable.</summary>
    /// <param name="x">Input, time first. It may be an expanded view whose time stride is 0 (a still image).</param>
    /// <param name="dynamics">The layer's constants.</param>
    /// <param name="w">PLIF's learned scalar, or null for LIF.</param>
    public static Tensor Fire(Tensor x, LifDynamics dynamics, Tensor? w = null) =>
        _eagerScopes == 0 && FusedLif.Covers(x, dynamics, w) ? FusedLif.Fire(x, dynamics, w)
        : _eagerScopes == 0 && CudaLif.Gpu.Covers(x, dynamics, w) ? CudaLif.Gpu.Fire(x, dynamics, w)
        : EagerLif.Fire(x, dynamics, w);

    /// <summary>Until the result is disposed of, all layers of the process are composed of torch operations; for comparisons.</summary>
    public static EagerScope Eagerly() => new();

    internal sealed class EagerScope : IDisposable
    {
        private bool _ended;

        public EagerScope() => Interlocked.Increment(ref _eagerScopes);

        public void Dispose()
        {
            if (!_ended)
            {
                _ended = true;
                Interlocked.Decrement(ref _eagerScopes);
            }
        }
    }
}
