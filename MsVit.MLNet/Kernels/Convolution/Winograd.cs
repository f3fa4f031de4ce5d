using TorchSharp;
using static TorchSharp.torch;

namespace MsVit.MLNet.Kernels;

/// <summary>The one door to convolutions of 3 x 3, stride 1 and padding 1 by Winograd's minimal filtering F(4 x 4, 3 x 3), on the CPU: for training, and for predictions in bfloat16.</summary>
/// <remarks>
/// A tile of 4 x 4 outputs takes 36 products a pair of channels where the definition takes 144. Spikes and their sums are transformed exactly; weights
/// and products are rounded in another order, to some 1e-6 of the output's scale. Of bfloat16 only inputs and outputs are; all between is float32, which
/// is quicker than torch's products of bfloat16 but where the CPU has tiles for them (AMX). Not-a-number and infinity spread over their tile.
/// In training, equal neighborhoods of an image give equal outputs, as by the definition (<see cref="EqualNeighborhoods"/>).
/// Predictions in float32, and all that is compared with other implementations, use torch's convolution.
/// </remarks>
internal static class Winograd
{
    private const int LeastChannels = 32;
    private const double MostExcess = 1.6;

    /// <summary>Whether it is done here, and quicker than by the definition.</summary>
    /// <param name="x">[B, Cin, H, W].</param>
    /// <param name="weight">[Cout, Cin, 3, 3], float32 whatever x is.</param>
    public static bool Covers(Tensor x, Tensor weight) =>
        x.device_type == DeviceType.CPU && weight.dtype == ScalarType.Float32
        && (x.dtype == ScalarType.Float32 || IsQuickerHalf(x.dtype))
        && x.dim() == 4 && x.numel() > 0 && weight.shape is [var output, var input, 3, 3]
        && Covers(TileGrid.Over(x), input, output);

    /// <summary>Weights that stay as they are, transformed once, for images of bfloat16 on the CPU; null where torch is quicker.</summary>
    /// <param name="weight">[Cout, Cin, 3, 3], float32; or of another shape, for which there are none.</param>
    public static Tensor? Spread(Tensor weight) =>
        weight.device_type == DeviceType.CPU && weight.shape is [var output, var input, 3, 3] && HasChannels(input, output) && IsQuickerHalf(ScalarType.BFloat16)
            ? TileWeights.Spread(weight, LaneWidths.Best)
            : null;

    /// <summary>[B, Cout, H, W] by weights of <see cref="Spread"/>, without gradients; null for images of a size for which torch is quicker.</summary>
    /// <param name="x">[B, Cin, H, W].</param>
    /// <param name="spread">The weights.</param>
    public static Tensor? ConvolveSpread(Tensor x, Tensor spread)
    {
        if (x.device_type != DeviceType.CPU || !IsQuickerHalf(x.dtype) || x.numel() == 0 || TileGrid.Over(x).Excess > MostExcess)
        {
            return null;
        }
        using var scope = NewDisposeScope();
        return scope.MoveToOuter(WinogradPass.Run(ChannelsLast.Arrange(x, axis: 1), spread, LaneWidths.Best));
    }

    /// <summary>Bytes that it takes for itself while it goes forward or back, with two threads: transformed tiles and weights; none where torch convolves.</summary>
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

    /// <summary>[B, Cout, H, W], of x's type; differentiable.</summary>
    /// <param name="x">[B, Cin, H, W], float32 or bfloat16.</param>
    /// <param name="weight">[Cout, Cin, 3, 3], float32.</param>
    public static Tensor Convolve(Tensor x, Tensor weight) => Convolve(x, weight, LaneWidths.Best);

    /// <summary>The same with vectors of a width.</summary>
    internal static Tensor Convolve(Tensor x, Tensor weight, LaneWidth width)
    {
        using var scope = NewDisposeScope();
        var dense = ChannelsLast.Arrange(x, axis: 1);
        return scope.MoveToOuter(WinogradFunction.Apply(dense, weight, KeptInput.Of(dense, weight, width)!, width));
    }

    private static bool Covers(TileGrid grid, long input, long output) => HasChannels(input, output) && grid.Excess <= MostExcess;

    private static bool HasChannels(long input, long output) =>
        output % LaneWidths.MostLanes == 0 && input % LaneWidths.MostLanes == 0 && output >= LeastChannels && input >= LeastChannels;

    private static bool IsQuickerHalf(ScalarType type) => type == ScalarType.BFloat16 && !BFloat16Support.HasTiles;
}
