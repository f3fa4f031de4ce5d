using TorchSharp;
using static TorchSharp.torch;

namespace MsVit.MLNet.Kernels;

/// <summary>The one door to convolutions by torch whose gradients are ours: those over rows of tokens, 1 or 3 wide, and the 1x1 ones over images; for training on the CPU.</summary>
/// <remarks>
/// Forward it is torch's convolution, and so is the gradient of the input, as the convolution with the weights turned around, which is quicker than
/// torch's own. The gradient of the weights is a pass of ours (<see cref="RowWeightPass"/>) over bytes, so the spikes need not be kept. All is float32: with
/// bfloat16 spikes take half as much, and torch's products of them are quicker than ours.
/// </remarks>
internal static class RowConvolution
{
    /// <summary>Whether it is done here.</summary>
    /// <param name="x">[B, Cin, N] or [B, Cin, H, W].</param>
    /// <param name="weight">[Cout, Cin, 1 or 3] or [Cout, Cin, 1, 1]. Its stride is 1 and its padding keeps the size.</param>
    public static bool Covers(Tensor x, Tensor weight)
    {
        var shape = weight.shape;
        var kernel = shape.Length == 4 && shape[2] != 1 ? 0 : shape[^1];
        return x.device_type == DeviceType.CPU && weight.dtype == ScalarType.Float32 && x.dtype == ScalarType.Float32 && x.numel() > 0
            && Covers(shape[1], shape[0], kernel);
    }

    /// <summary>Bytes that it takes for itself on its way back, with two threads; none where torch does it all.</summary>
    /// <param name="tokens">Of all rows.</param>
    /// <param name="input">Cin.</param>
    /// <param name="output">Cout.</param>
    /// <param name="kernel">The width of the kernel.</param>
    public static long Scratch(long tokens, long input, long output, int kernel) =>
        Covers(input, output, kernel) ? RowWeightPass.Scratch(tokens, input, output, kernel) : 0;

    /// <summary>[B, Cout, ...], with x's axes; differentiable.</summary>
    /// <param name="x">The input, float32.</param>
    /// <param name="weight">The weights, float32.</param>
    /// <param name="bias">[Cout], float32, or null.</param>
    public static Tensor Convolve(Tensor x, Tensor weight, Tensor? bias) => Convolve(x, weight, bias, LaneWidths.Best);

    /// <summary>The same with vectors of a width.</summary>
    internal static Tensor Convolve(Tensor x, Tensor weight, Tensor? bias, LaneWidth width)
    {
        using var scope = NewDisposeScope();
        // Tokens as an image of one row.
        var (rows, kernel) = x.dim() == 3 ? (x.unsqueeze(2), weight.unsqueeze(2)) : (x, weight);
        var dense = ChannelsLast.Arrange(rows, axis: 1);
        var y = RowFunction.Apply(dense, kernel, bias!, KeptInput.Of(dense, weight, width)!, width);
        return scope.MoveToOuter(x.dim() == 3 ? y.squeeze(2) : y);
    }

    private static bool Covers(long input, long output, long kernel) => kernel is 1 or 3 && input % LaneWidths.MostLanes == 0 && output % LaneWidths.MostLanes == 0;
}
