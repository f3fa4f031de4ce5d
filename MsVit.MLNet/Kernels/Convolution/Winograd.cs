using TorchSharp;
using static TorchSharp.torch;

namespace MsVit.MLNet.Kernels;

/// <summary>3 x 3 convolutions with stride 1 and padding 1 on the CPU by Winograd's minimal filtering F(4 x 4, 3 x 3).</summary>
/// <remarks>
/// It serves training, and predictions in bfloat16. A tile of 4 x 4 outputs takes 36 products per pair of channels instead of 144. Spikes
/// and their sums are transformed exactly; weights and products are rounded in a different order, to about 1e-6 of the output's scale.
/// With bfloat16, only inputs and outputs have that type and everything between is float32, which is faster than torch's bfloat16 products
/// unless the CPU has matrix tiles for them (AMX). NaN and infinity spread over their tile. Predictions in float32, and everything that
/// is compared with other implementations, use torch's convolution. In training, equal neighborhoods of an image give equal outputs, as the
/// definition does (<see cref="EqualNeighborhoods"/>).
/// </remarks>
internal static class Winograd
{
    private const int MinChannels = 32;
    private const double MaxExcess = 1.6;

    /// <summary>Whether this convolution supports the sizes and is faster than torch's.</summary>
    /// <param name="x">[B, Cin, H, W].</param>
    /// <param name="weight">[Cout, Cin, 3, 3], float32 for any type of x.</param>
    public static bool Covers(Tensor x, Tensor weight) =>
        x.device_type == DeviceType.CPU && weight.dtype == ScalarType.Float32
        && (x.dtype == ScalarType.Float32 || IsFasterHalf(x.dtype))
        && x.dim() == 4 && x.numel() > 0 && weight.shape is [var output, var input, 3, 3]
        && Covers(TileGrid.Over(x), input, output);

    /// <summary>Transforms fixed weights once, for bfloat16 images on the CPU; null if torch is faster.</summary>
    /// <param name="weight">[Cout, Cin, 3, 3], float32; null is returned for any other shape.</param>
    public static Tensor? TransformWeights(Tensor weight) =>
        weight.device_type == DeviceType.CPU && weight.shape is [var output, var input, 3, 3] && HasChannels(input, output)
        && IsFasterHalf(ScalarType.BFloat16)
            ? TileWeights.Transform(weight, LaneWidths.Best)
            : null;

    /// <summary>
    /// [B, Cout, H, W] with weights from <see cref="TransformWeights"/>, without gradients; null if torch is faster for the size.
    /// </summary>
    /// <param name="x">[B, Cin, H, W].</param>
    /// <param name="transformed">The weights.</param>
    public static Tensor? ConvolveTransformed(Tensor x, Tensor transformed)
    {
        if (x.device_type != DeviceType.CPU || !IsFasterHalf(x.dtype) || x.numel() == 0 || TileGrid.Over(x).Excess > MaxExcess)
        {
            return null;
        }
        using var scope = NewDisposeScope();
        return scope.MoveToOuter(WinogradPass.Run(ChannelsLast.Arrange(x, axis: 1), transformed, LaneWidths.Best));
    }

    /// <summary>Bytes of scratch memory with two threads, for transformed tiles and weights; 0 if torch convolves.</summary>
    /// <param name="images">B.</param>
    /// <param name="height">H.</param>
    /// <param name="width">W.</param>
    /// <param name="input">Cin.</param>
    /// <param name="output">Cout.</param>
    public static long Scratch(long images, long height, long width, long input, long output)
    {
        var grid = new TileGrid(images, (int)height, (int)width);
        return Covers(grid, input, output)
            ? sizeof(float) * TileGrid.Positions * (Math.Min(2 * WinogradPass.Chunk, grid.Count) * (input + output) + 2 * input * output)
                + 2 * EqualNeighborhoods.Scratch(height, width)
            : 0;
    }

    /// <summary>[B, Cout, H, W], with x's type; differentiable.</summary>
    /// <param name="x">[B, Cin, H, W], float32 or bfloat16.</param>
    /// <param name="weight">[Cout, Cin, 3, 3], float32.</param>
    /// <param name="pass">The current pass.</param>
    public static Tensor Convolve(Tensor x, Tensor weight, Pass pass) => Convolve(x, weight, pass, LaneWidths.Best);

    /// <summary>The same with a given vector width.</summary>
    internal static Tensor Convolve(Tensor x, Tensor weight, Pass pass, LaneWidth width)
    {
        using var scope = NewDisposeScope();
        var dense = ChannelsLast.Arrange(x, axis: 1);
        return scope.MoveToOuter(WinogradFunction.Apply(pass, dense, weight, SavedInput.Of(dense, weight, width), width));
    }

    private static bool Covers(TileGrid grid, long input, long output) => HasChannels(input, output) && grid.Excess <= MaxExcess;

    private static bool HasChannels(long input, long output) =>
        output % LaneWidths.MostLanes == 0 && input % LaneWidths.MostLanes == 0 && output >= MinChannels && input >= MinChannels;

    private static bool IsFasterHalf(ScalarType type) => type == ScalarType.BFloat16 && !BFloat16Support.HasTiles;
}

/// <summary>The convolution as one autograd node: (x, weight, <see cref="SavedInput"/>, vector width) to images.</summary>
internal sealed class WinogradFunction : GraphFunction<WinogradFunction>
{
    protected override Tensor Forward(autograd.AutogradContext context, object[] inputs)
    {
        var (x, weight, savedX, width) = ((Tensor)inputs[0], (Tensor)inputs[1], (Tensor?)inputs[2], (LaneWidth)inputs[3]);
        context.save_for_backward(savedX is null ? [weight] : [weight, savedX]);
        context.save_data(nameof(width), width);
        context.save_data(nameof(x), x.requires_grad);
        using var transformed = TileWeights.Transform(weight, width);
        var y = WinogradPass.Run(x, transformed, width);
        EqualNeighborhoods.Unify(savedX ?? x, y);
        return y;
    }

    protected override Tensor?[] Backward(autograd.AutogradContext context, Tensor upstream)
    {
        var saved = context.get_saved_variables();
        var (weight, width) = (saved[0], (LaneWidth)context.get_data("width"));
        var gradient = ChannelsLast.Arrange(upstream, axis: 1);
        Tensor? ofX = null;
        if ((bool)context.get_data("x"))
        {
            // The same convolution with the weights flipped and their input and output channels swapped.
            var flipped = TileWeights.Transform(weight.detach().flip(2, 3).transpose(0, 1), width);
            ofX = WinogradPass.Run(gradient, flipped, width);
        }
        var ofWeight = saved.Count > 1 ? WinogradWeightPass.Run(saved[1], gradient, width) : null;
        return [ofX, ofWeight, null, null];
    }
}
