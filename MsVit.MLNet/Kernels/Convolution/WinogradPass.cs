using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace MsVit.MLNet.Kernels;

/// <summary>Convolves images: a chunk of tiles at a time is transformed, multiplied and transformed back within a core's caches.</summary>
internal static unsafe class WinogradPass
{
    /// <summary>Tiles per chunk. For 192 channels, their inputs and their outputs take about two megabytes each.</summary>
    public const int Chunk = 64;

    /// <summary>[B, Cout, H, W], channels last in memory.</summary>
    /// <param name="x">[B, Cin, H, W], float32 or bfloat16, channels last in memory. The outputs have its type.</param>
    /// <param name="weights">Weights from <see cref="TileWeights.Transform"/>.</param>
    /// <param name="width">The vector width.</param>
    public static Tensor Run(Tensor x, Tensor weights, LaneWidth width)
    {
        var grid = TileGrid.Over(x);
        var (input, output) = ((int)weights.shape[1], (int)weights.shape[2]);
        using var y = PooledTensor.Empty([grid.Images, grid.Height, grid.Width, output], x.dtype);
        var (source, target, transformed) = (TensorAddress.Of(x), TensorAddress.Of(y), TensorAddress.Of(weights));
        var chunks = (grid.Count + Chunk - 1) / Chunk;
        RowRanges.Over(chunks, Chunk * TileGrid.Positions * (long)input, (from, to) =>
            Dispatch.Run(width, x.dtype, new Range(grid, source, transformed, target, input, output, from, to)));
        GC.KeepAlive(x);
        GC.KeepAlive(weights);
        return y.permute(0, 3, 1, 2);
    }

    private readonly struct Range(TileGrid grid, nint x, nint weights, nint y, int input, int output, long from, long to) : IKernel
    {
        public void Run<T, TElement>()
            where T : struct, ILanes<T>
            where TElement : unmanaged, IElement<TElement>
        {
            var most = (int)Math.Min(Chunk, RoundUp(grid.Count));
            var positionIn = TilePixels.Position(most, input);
            var positionOut = TilePixels.Position(most, output);
            using var scratch = PooledTensor.Empty([TileGrid.Positions * (positionIn + positionOut) + input], float32);
            var v = (float*)TensorAddress.Of(scratch);
            var m = v + TileGrid.Positions * positionIn;
            var border = (TElement*)(m + TileGrid.Positions * positionOut);
            NativeMemory.Clear(border, (nuint)input * (nuint)sizeof(TElement));
            for (var chunk = from; chunk < to; chunk++)
            {
                var first = chunk * Chunk;
                var count = (int)Math.Min(Chunk, grid.Count - first);
                for (var i = 0; i < count; i++)
                {
                    TilePixels.Load<T, TElement>(grid, first + i, (TElement*)x, input, border, v + (nint)i * input, positionIn);
                }
                // Rows after the last tile hold leftovers, and their products are not used.
                var rows = (int)RoundUp(count);
                for (var position = 0; position < TileGrid.Positions; position++)
                {
                    var left = new LeftMatrix((nint)(v + position * positionIn), input, 1);
                    for (var column = 0; column < output; column += PanelProducts.Panel)
                    {
                        var right = (float*)weights + (nint)position * input * output + PanelProducts.PanelOffset(column, input);
                        PanelProducts.Multiply<T>(left, right, PanelProducts.PanelWidth(column, output), input,
                            m + position * positionOut + column, output, rows, adds: false);
                    }
                }
                for (var i = 0; i < count; i++)
                {
                    TilePixels.Store<T, TElement>(grid, first + i, m + (nint)i * output, positionOut, (TElement*)y, output);
                }
            }
        }

        private static long RoundUp(long tiles) => (tiles + PanelProducts.RowUnit - 1) / PanelProducts.RowUnit * PanelProducts.RowUnit;
    }
}
