using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>Parameters that belong to their module: they survive a dispose scope that is open while the network is built.</summary>
internal static class OwnedParameter
{
    /// <summary>A float32 parameter on the CPU, with undefined values.</summary>
    public static Parameter Empty(params long[] shape) => Own(empty(shape, dtype: float32, device: CPU));

    /// <summary>A float32 scalar.</summary>
    public static Parameter Scalar(double value) => Own(tensor((float)value, device: CPU));

    /// <summary>Turns a tensor into a parameter. The tensor must not be used afterwards.</summary>
    public static Parameter Own(Tensor values)
    {
        var parameter = nn.Parameter(values);
        _ = parameter.DetachFromDisposeScope();
        return parameter;
    }
}
