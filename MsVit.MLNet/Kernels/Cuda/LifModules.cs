using System.Collections.Concurrent;

namespace MsVit.MLNet.Kernels;

/// <summary>The compiled kernels of a process. Each variant is compiled once per device, even if that fails.</summary>
internal sealed class LifModules(ILifCompiler compiler)
{
    private readonly ConcurrentDictionary<(int Device, LifVariant Variant), Lazy<CompiledLif>> _compiled = new();

    /// <summary>The kernels, compiled on the first request.</summary>
    public CompiledLif Find(int device, LifVariant variant) =>
        _compiled.GetOrAdd((device, variant), key => new(() => Compile(key.Device, key.Variant))).Value;

    private CompiledLif Compile(int device, LifVariant variant)
    {
        try
        {
            return new(compiler.Compile(variant, device), null);
        }
        catch (CudaUnavailableException e)
        {
            return new(null, e.Message);
        }
    }
}

/// <summary>The kernels of a variant, or the reason why they are not available.</summary>
internal sealed record CompiledLif(ILifModule? Kernels, string? Failure);
