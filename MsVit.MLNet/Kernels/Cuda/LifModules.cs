using System.Collections.Concurrent;

namespace MsVit.MLNet.Kernels;

/// <summary>The compiled kernels of a process. Each variant is compiled once per device, and each failure is reported once.</summary>
internal sealed class LifModules(ILifCompiler compiler, Action<string> warn)
{
    private readonly ConcurrentDictionary<(int Device, LifVariant Variant), Lazy<ILifModule?>> _compiled = new();

    /// <summary>The kernels, compiled on the first request; null, after a warning, if they are not available.</summary>
    public ILifModule? Find(int device, LifVariant variant) =>
        _compiled.GetOrAdd((device, variant), key => new(() => Compile(key.Device, key.Variant))).Value;

    private ILifModule? Compile(int device, LifVariant variant)
    {
        try
        {
            return compiler.Compile(variant, device);
        }
        catch (CudaUnavailableException e)
        {
            warn($"Spiking neurons run as torch operations on the GPU, several times as slow as the fused kernel: {e.Message}");
            return null;
        }
    }
}
