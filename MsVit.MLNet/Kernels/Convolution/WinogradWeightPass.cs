using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace MsVit.MLNet.Kernels;

/// <summary>The gradient of the weights: transforms tiles of inputs and gradients, sums their products, transforms the sum back.</summary>
/// <remarks>The tiles are summed in order, a chunk at a time, so the bits do not depend on the number of threads.</remarks>
internal static unsafe class WinogradWeightPass
{
    // Large, because the sums of all pairs of channels are read and written once per chunk.
    private const int Chunk = 96;

    /// <summary>[Cout, Cin, 3, 3], float32.</summary>
    /// <param name="x">[B, Cin, H, W], with the gradient's type or bytes, channels last in memory.</param>
    /// <param name="gradient">[B, Cout, H, W], float32 or bfloat16, likewise.</param>
    /// <param name="width">The vector width.</param>
    public static Tensor Run(Tensor x, Tensor gradient, LaneWidth width)
    {
        using var scope = NewDisposeScope();
        var (input, output) = ((int)x.shape[1], (int)gradient.shape[1]);
        var sums = zeros([TileGrid.Positions, input, output], dtype: float32);
        var (source, upstream, target) = (TensorAddress.Of(x), TensorAddress.Of(gradient), TensorAddress.Of(sums));
        var tiles = new Tiles(TileGrid.Over(x), input, output);
        using var memory = PooledTensor.Empty([tiles.Floats], float32);
        var scratch = TensorAddress.Of(memory);
        NativeMemory.Clear(tiles.Border(scratch), (nuint)Math.Max(input, output) * sizeof(float));
        var panels = (output + PanelProducts.Panel - 1) / PanelProducts.Panel;
        for (var first = 0L; first < tiles.Grid.Count; first += Chunk)
        {
            var (start, count) = (first, (int)Math.Min(Chunk, tiles.Grid.Count - first));
            RowRanges.Over(count, TileGrid.Positions * (input + output), (from, to) =>
            {
                Dispatch.Run(width, x.dtype, new Inputs(tiles, source, scratch, start, (int)from, (int)to));
                Dispatch.Run(width, gradient.dtype, new Gradients(tiles, upstream, scratch, start, count, (int)from, (int)to));
            });
            RowRanges.Over(TileGrid.Positions * panels, (long)input * PanelProducts.Panel * 4, (from, to) =>
                Dispatch.Run(width, new Products(tiles, scratch, target, count, panels, (int)from, (int)to)));
        }
        GC.KeepAlive(x);
        GC.KeepAlive(gradient);
        return scope.MoveToOuter(TileWeights.TransformBack(sums, width));
    }

    // The scratch memory of a chunk: transformed inputs, transformed gradients, and zeros for pixels outside the images.
    private sealed record Tiles(TileGrid Grid, int Input, int Output)
    {
        public nint PositionIn { get; } = TilePixels.Position((int)Math.Min(Chunk, Grid.Count), Input);

        public nint PositionOut { get; } = TilePixels.Position((int)Math.Min(Chunk, Grid.Count), Output);

        public long Floats => TileGrid.Positions * (PositionIn + PositionOut) + Math.Max(Input, Output);

        public float* Gradients(nint scratch) => (float*)scratch + TileGrid.Positions * PositionIn;

        public float* Border(nint scratch) => (float*)scratch + TileGrid.Positions * (PositionIn + PositionOut);
    }

    private readonly struct Inputs(Tiles tiles, nint x, nint scratch, long first, int from, int to) : IKernel
    {
        public void Run<T, TElement>()
            where T : struct, ILanes<T>
            where TElement : unmanaged, IElement<TElement>
        {
            var (channels, position) = (tiles.Input, tiles.PositionIn);
            var border = (TElement*)tiles.Border(scratch);
            for (var i = from; i < to; i++)
            {
                var target = (float*)scratch + (nint)i * channels;
                TilePixels.Load<T, TElement>(tiles.Grid, first + i, (TElement*)x, channels, border, target, position);
            }
        }
    }

    private readonly struct Gradients(Tiles tiles, nint gradient, nint scratch, long first, int count, int from, int to) : IKernel
    {
        public void Run<T, TElement>()
            where T : struct, ILanes<T>
            where TElement : unmanaged, IElement<TElement>
        {
            var (channels, position) = (tiles.Output, tiles.PositionOut);
            var target = tiles.Gradients(scratch);
            var border = (TElement*)tiles.Border(scratch);
            for (var i = from; i < to; i++)
            {
                TilePixels.LoadGradient<T, TElement>(
                    tiles.Grid, first + i, (TElement*)gradient, channels, border, target, position, i, count);
            }
        }
    }

    private readonly struct Products(Tiles tiles, nint scratch, nint sums, int count, int panels, int from, int to) : ILaneKernel
    {
        public void Run<T>()
            where T : struct, ILanes<T>
        {
            var (input, output) = (tiles.Input, tiles.Output);
            for (var item = from; item < to; item++)
            {
                var (position, column) = (item / panels, item % panels * PanelProducts.Panel);
                var left = new LeftMatrix((nint)((float*)scratch + position * tiles.PositionIn), 1, input);
                var right = tiles.Gradients(scratch) + position * tiles.PositionOut + PanelProducts.PanelOffset(column, count);
                var target = (float*)sums + (nint)position * input * output + column;
                PanelProducts.Multiply<T>(left, right, PanelProducts.PanelWidth(column, output), count, target, output, input, adds: true);
            }
        }
    }
}
