using static TorchSharp.torch;

namespace MsVit.MLNet.Kernels;

/// <summary>Computes in float32 what a half type is too coarse for: membranes, and sums and products of many spikes.</summary>
internal static class HalfPrecision
{
    /// <summary>Fires in float32 if the currents have a half type. The spikes, exact in both, get the type of the currents.</summary>
    public static Tensor Widened(Tensor x, Func<Tensor, Tensor> fire)
    {
        using var scope = NewDisposeScope();
        return scope.MoveToOuter(fire(Widen(x)).to(x.dtype));
    }

    /// <summary>The tensor itself, or a float32 copy if it has a half type.</summary>
    public static Tensor Widen(Tensor x) => IsHalf(x) ? x.to(ScalarType.Float32) : x;

    /// <summary>The type in which to sum a tensor's elements: float32 if it has a half type, otherwise null, for its own.</summary>
    public static ScalarType? TypeOfSums(Tensor x) => IsHalf(x) ? ScalarType.Float32 : null;

    /// <summary>Whether a tensor has a half type.</summary>
    public static bool IsHalf(Tensor x) => x.dtype is ScalarType.BFloat16 or ScalarType.Float16;
}
