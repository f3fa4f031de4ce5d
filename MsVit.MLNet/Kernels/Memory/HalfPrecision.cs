using static TorchSharp.torch;

namespace MsVit.MLNet.Kernels;

/// <summary>Keeps in float32 what is more than a small whole number: membranes, and the sums and products of many spikes.</summary>
internal static class HalfPrecision
{
    /// <summary>Computes in float32 where the currents are of a half type; the spikes, exact in both, get the type of the currents.</summary>
    public static Tensor Widened(Tensor x, Func<Tensor, Tensor> fire)
    {
        using var scope = NewDisposeScope();
        return scope.MoveToOuter(fire(Widen(x)).to(x.dtype));
    }

    /// <summary>The tensor itself, or a copy in float32 where it is of a half type.</summary>
    public static Tensor Widen(Tensor x) => x.dtype is ScalarType.BFloat16 or ScalarType.Float16 ? x.to(ScalarType.Float32) : x;
}
