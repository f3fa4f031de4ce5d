using static TorchSharp.torch;

namespace MsVit.MLNet.Kernels;

/// <summary>Results in the memory of a tensor that nobody else needs, unless a gradient may be asked for.</summary>
internal static class Reuse
{
    /// <summary>fresh + other; fresh is used up.</summary>
    public static Tensor Add(Tensor fresh, Tensor other) => is_grad_enabled() ? fresh.Plus(other) : fresh.AddInPlace(other);

    /// <summary>fresh * other, of fresh's shape; fresh is used up.</summary>
    public static Tensor Multiply(Tensor fresh, Tensor other) => is_grad_enabled() ? fresh * other : fresh.mul_(other);
}
