using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>Parameters that belong to their module: a dispose scope that is open while a network is built does not end them.</summary>
internal static class OwnedParameter
{
    /// <summary>A float32 parameter of a shape, on the CPU, its values undefined.</summary>
    public static Parameter Empty(params long[] shape) => Own(empty(shape, dtype: float32, device: CPU));

    /// <summary>A float32 scalar.</summary>
    public static Parameter Scalar(double value) => Own(tensor((float)value, device: CPU));

    /// <summary>Makes a tensor, which is used up by it, a parameter.</summary>
    public static Parameter Own(Tensor values)
    {
        var parameter = nn.Parameter(values);
        _ = parameter.DetachFromDisposeScope();
        return parameter;
    }
}
