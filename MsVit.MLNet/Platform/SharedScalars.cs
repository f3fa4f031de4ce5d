using TorchSharp;

namespace MsVit.MLNet;

/// <summary>Scalars that are never freed.</summary>
/// <remarks>
/// A number passed to a tensor's method becomes a <see cref="Scalar"/>, whose finalizer may free the native number while the native
/// call still reads it: TorchSharp keeps no reference during the call. A garbage collection at that moment ends a run with "Unknown
/// scalar type" or gives another number. Even TorchSharp's sum of two tensors makes a scalar, the factor of the second. So every scalar
/// in this library is one of these, a local that is disposed of after the call, or inside a <see cref="TensorExpression"/>. A test
/// searches the compiled library for others.
/// </remarks>
internal static class SharedScalars
{
    /// <summary>0.</summary>
    public static readonly Scalar Zero = 0L.ToScalar();

    /// <summary>1.</summary>
    public static readonly Scalar One = 1L.ToScalar();

    /// <summary>x + y.</summary>
    public static torch.Tensor Plus(this torch.Tensor x, torch.Tensor y) => x.add(y, One);

    /// <summary>x + y, stored in x.</summary>
    public static torch.Tensor AddInPlace(this torch.Tensor x, torch.Tensor y) => x.add_(y, One);

    /// <summary>The only value of a floating-point tensor on any device. Waits for it.</summary>
    public static double Number(this torch.Tensor x)
    {
        using var scope = torch.NewDisposeScope();
        return x.detach().cpu().to(torch.ScalarType.Float64).item<double>();
    }

    /// <summary>The only value of an integer tensor on any device. Waits for it.</summary>
    public static long Count(this torch.Tensor x)
    {
        using var scope = torch.NewDisposeScope();
        return x.cpu().item<long>();
    }
}
