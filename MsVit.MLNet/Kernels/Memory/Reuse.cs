using static TorchSharp.torch;

namespace MsVit.MLNet.Kernels;

/// <summary>Writes a result into the memory of an operand that nothing else needs, unless gradients are enabled.</summary>
internal static class Reuse
{
    /// <summary>fresh + other. Do not use fresh afterwards.</summary>
    public static Tensor Add(Tensor fresh, Tensor other) => is_grad_enabled() ? fresh.Plus(other) : fresh.AddInPlace(other);

    /// <summary>fresh * other, of fresh's shape. Do not use fresh afterwards.</summary>
    public static Tensor Multiply(Tensor fresh, Tensor other) => is_grad_enabled() ? fresh * other : fresh.mul_(other);
}
