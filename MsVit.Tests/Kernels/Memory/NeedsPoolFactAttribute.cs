using MsVit.MLNet.Kernels;

namespace MsVit.Tests.Kernels.Memory;

/// <summary>A fact about tensors from the pool of blocks, which there is on Linux with glibc 2.34 or later.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NeedsPoolFactAttribute : FactAttribute
{
    public NeedsPoolFactAttribute()
    {
        if (!PooledTensor.IsOn)
        {
            Skip = "Tensors do not come from the pool of blocks here: that needs Linux with glibc 2.34 or later.";
        }
    }
}
