using TorchSharp;

namespace MsVit.MLNet;

/// <summary>Numbers that are never freed.</summary>
/// <remarks>
/// A number handed to a tensor's method becomes a <see cref="Scalar"/>, whose finalizer frees the native one and may do so while the
/// native call still reads it: TorchSharp keeps no reference during the call. A garbage collection at that moment ends a run with
/// "Unknown scalar type", or with another number. TorchSharp's own sum of two tensors makes a scalar too, the factor of the second. So
/// in this library a scalar is one of these, or a local that is disposed of after the call, or inside a <see cref="TensorExpression"/>;
/// a test
/// reads the compiled library for others.
/// </remarks>
internal static class SharedScalars
{
    /// <summary>0.</summary>
    public static readonly Scalar Zero = 0L.ToScalar();

    /// <summary>1.</summary>
    public static readonly Scalar One = 1L.ToScalar();

    /// <summary>x + y.</summary>
    public static torch.Tensor Plus(this torch.Tensor x, torch.Tensor y) => x.add(y, One);

    /// <summary>x + y in the place of x.</summary>
    public static torch.Tensor AddInPlace(this torch.Tensor x, torch.Tensor y) => x.add_(y, One);

    /// <summary>The one floating-point number of a tensor on any device, which is waited for.</summary>
    public static double Number(this torch.Tensor x)
    {
        using var scope = torch.NewDisposeScope();
        return x.detach().cpu().to(torch.ScalarType.Float64).item<double>();
    }

    /// <summary>The one whole number of a tensor on any device, which is waited for.</summary>
    public static long Count(this torch.Tensor x)
    {
        using var scope = torch.NewDisposeScope();
        return x.cpu().item<long>();
    }
}
