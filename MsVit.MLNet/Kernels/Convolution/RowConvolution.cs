using TorchSharp;
using static TorchSharp.torch;

namespace MsVit.MLNet.Kernels;

/// <summary>torch's convolutions over tokens or images, 1 or 3 wide, with our gradient of the weights, for training on the CPU.</summary>
/// <remarks>
/// The forward pass is torch's convolution. The gradient of the input is too, as a convolution with flipped weights, which is faster than
/// torch's own gradient. The gradient of the weights is our own pass (<see cref="RowWeightPass"/>) over bytes, so the spikes need not be
/// saved in float32. Only float32 is supported: bfloat16 spikes take half the memory, and torch's bfloat16 products are faster than ours.
/// </remarks>
internal static class RowConvolution
{
    /// <summary>Whether this convolution supports the input and the weights.</summary>
    /// <param name="x">[B, Cin, N] or [B, Cin, H, W].</param>
    /// <param name="weight">[Cout, Cin, 1 or 3] or [Cout, Cin, 1, 1]. The stride is 1 and the padding keeps the size.</param>
    public static bool Covers(Tensor x, Tensor weight)
    {
        var shape = weight.shape;
        var kernel = shape.Length == 4 && shape[2] != 1 ? 0 : shape[^1];
        return x.device_type == DeviceType.CPU && weight.dtype == ScalarType.Float32 && x.dtype == ScalarType.Float32 && x.numel() > 0
            && Covers(shape[1], shape[0], kernel);
    }

    /// <summary>Bytes of scratch memory of the backward pass with two threads; 0 if torch does all the work.</summary>
    /// <param name="tokens">The tokens of all rows.</param>
    /// <param name="input">Cin.</param>
    /// <param name="output">Cout.</param>
    /// <param name="kernel">The width of the kernel.</param>
    public static long Scratch(long tokens, long input, long output, int kernel) =>
        Covers(input, output, kernel) ? RowWeightPass.Scratch(tokens, input, output, kernel) : 0;

    /// <summary>[B, Cout, ...], with x's axes; differentiable.</summary>
    /// <param name="x">The input, float32.</param>
    /// <param name="weight">The weights, float32.</param>
    /// <param name="bias">[Cout], float32, or null.</param>
    /// <param name="pass">The current pass.</param>
    public static Tensor Convolve(Tensor x, Tensor weight, Tensor? bias, Pass pass) => Convolve(x, weight, bias, pass, LaneWidths.Best);

    /// <summary>The same with a given vector width.</summary>
    internal static Tensor Convolve(Tensor x, Tensor weight, Tensor? bias, Pass pass, LaneWidth width)
    {
        using var scope = NewDisposeScope();
        // Tokens as an image of one row.
        var (rows, kernel) = x.dim() == 3 ? (x.unsqueeze(2), weight.unsqueeze(2)) : (x, weight);
        var dense = ChannelsLast.Arrange(rows, axis: 1);
        var y = RowFunction.Apply(pass, dense, kernel, bias, SavedInput.Of(dense, weight, width), width);
        return scope.MoveToOuter(x.dim() == 3 ? y.squeeze(2) : y);
    }

    private static bool Covers(long input, long output, long kernel) =>
        kernel is 1 or 3 && input % LaneWidths.MostLanes == 0 && output % LaneWidths.MostLanes == 0;
}

/// <summary>The convolution as one autograd node: (x, weight, bias or null, <see cref="SavedInput"/>, vector width) to images.</summary>
internal sealed class RowFunction : GraphFunction<RowFunction>
{
    protected override Tensor Forward(autograd.AutogradContext context, object[] inputs)
    {
        var (x, weight, bias) = ((Tensor)inputs[0], (Tensor)inputs[1], (Tensor?)inputs[2]);
        var (savedX, width) = ((Tensor?)inputs[3], (LaneWidth)inputs[4]);
        using var scope = NewDisposeScope();
        context.save_for_backward(savedX is null ? [weight] : [weight, savedX]);
        context.save_data(nameof(width), width);
        context.save_data(nameof(x), x.requires_grad);
        context.save_data(nameof(bias), bias is { requires_grad: true });
        return scope.MoveToOuter(Convolve(x, weight, bias));
    }

    protected override Tensor?[] Backward(autograd.AutogradContext context, Tensor upstream)
    {
        var saved = context.get_saved_variables();
        var weight = saved[0].detach();
        var gradient = ChannelsLast.Arrange(upstream, axis: 1);
        var ofX = (bool)context.get_data("x") ? Convolve(gradient, weight.flip(3).transpose(0, 1), null) : null;
        var ofWeight = saved.Count > 1
            ? RowWeightPass.Run(saved[1], gradient, (int)weight.shape[3], (LaneWidth)context.get_data("width")).view(weight.shape)
            : null;
        var ofBias = (bool)context.get_data("bias") ? gradient.sum([0, 2, 3]) : null;
        return [ofX, ofWeight, ofBias, null, null];
    }

    private static Tensor Convolve(Tensor x, Tensor weight, Tensor? bias) =>
        nn.functional.conv2d(x, weight, bias, padding: [0, weight.shape[3] / 2]);
}
