using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace MsVit.MLNet.Kernels;

/// <summary>The gradient of the weights: tiles of inputs and of gradients are transformed, multiplied and summed, and the sum is transformed back once.</summary>
/// <remarks>The tiles are summed in their order, some hundred at a time, so the bits do not depend on the number of threads.</remarks>
internal static unsafe class WinogradWeightPass
{
    // Many, since the sums of all pairs of channels are read and written once a chunk.
    private const int Chunk = 96;

    /// <summary>[Cout, Cin, 3, 3], float32.</summary>
    /// <param name="x">[B, Cin, H, W], of the gradient's type or bytes, channels last in memory.</param>
    /// <param name="gradient">[B, Cout, H, W], float32 or bfloat16, likewise.</param>
    /// <param name="width">The lanes.</param>
    public static Tensor Run(Tensor x, Tensor gradient, LaneWidth width)
    {
        using var scope = NewDisposeScope();
        var (input, output) = ((int)x.shape[1], (int)gradient.shape[1]);
        var sums = zeros([TileGrid.Positions, input, output], dtype: float32);
        var (source, upstream, target) = (Rows.Of(x).First, Rows.Of(gradient).First, Rows.Of(sums).First);
        if (x.dtype == uint8)
        {
            new Tiles<ByteElement, Float32Element>(TileGrid.Over(x), source, upstream, target, input, output, width).SumAll();
        }
        else if (x.dtype == bfloat16)
        {
            new Tiles<BFloat16Element, BFloat16Element>(TileGrid.Over(x), source, upstream, target, input, output, width).SumAll();
        }
        else
        {
            new Tiles<Float32Element, Float32Element>(TileGrid.Over(x), source, upstream, target, input, output, width).SumAll();
        }
        GC.KeepAlive(x);
        GC.KeepAlive(gradient);
        return scope.MoveToOuter(TileWeights.Gather(sums, width));
    }

    private sealed record Tiles<TInput, TGradient>(TileGrid Grid, nint X, nint Gradient, nint Sums, int Input, int Output, LaneWidth Width)
        where TInput : unmanaged, IElement<TInput>
        where TGradient : unmanaged, IElement<TGradient>
    {
        private readonly nint _positionIn = TilePixels.Position((int)Math.Min(Chunk, Grid.Count), Input);
        private readonly nint _positionOut = TilePixels.Position((int)Math.Min(Chunk, Grid.Count), Output);

        public void SumAll()
        {
            using var memory = PooledTensor.Empty([TileGrid.Positions * (_positionIn + _positionOut) + Math.Max(Input, Output)], float32);
            var scratch = Rows.Of(memory).First;
            NativeMemory.Clear((float*)scratch + TileGrid.Positions * (_positionIn + _positionOut), (nuint)Math.Max(Input, Output) * sizeof(float));
            var panels = (Output + TileProducts.Panel - 1) / TileProducts.Panel;
            for (var first = 0L; first < Grid.Count; first += Chunk)
            {
                var (start, count) = (first, (int)Math.Min(Chunk, Grid.Count - first));
                RowRanges.Over(count, TileGrid.Positions * (Input + Output), (from, to) =>
                    LaneKernel.Run(Width, new Transforming(this, scratch, start, count, (int)from, (int)to)));
                RowRanges.Over(TileGrid.Positions * panels, (long)Input * TileProducts.Panel * 4, (from, to) =>
                    LaneKernel.Run(Width, new Multiplying(this, scratch, count, panels, (int)from, (int)to)));
            }
        }

        private readonly struct Transforming(Tiles<TInput, TGradient> tiles, nint scratch, long first, int count, int from, int to) : ILaneKernel
        {
            public void Run<T>()
                where T : struct, ILanes<T>
            {
                var v = (float*)scratch;
                var z = v + TileGrid.Positions * tiles._positionIn;
                var border = z + TileGrid.Positions * tiles._positionOut;
                for (var i = from; i < to; i++)
                {
                    TilePixels.Load<T, TInput>(tiles.Grid, first + i, (TInput*)tiles.X, tiles.Input, (TInput*)border, v + (nint)i * tiles.Input, tiles._positionIn);
                    TilePixels.LoadGradient<T, TGradient>(tiles.Grid, first + i, (TGradient*)tiles.Gradient, tiles.Output, (TGradient*)border, z, tiles._positionOut, i, count);
                }
            }
        }

        private readonly struct Multiplying(Tiles<TInput, TGradient> tiles, nint scratch, int count, int panels, int from, int to) : ILaneKernel
        {
            public void Run<T>()
                where T : struct, ILanes<T>
            {
                var v = (float*)scratch;
                var z = v + TileGrid.Positions * tiles._positionIn;
                for (var item = from; item < to; item++)
                {
                    var (position, column) = (item / panels, item % panels * TileProducts.Panel);
                    var left = new LeftMatrix((nint)(v + position * tiles._positionIn), 1, tiles.Input);
                    var right = z + position * tiles._positionOut + TileProducts.PanelOffset(column, count);
                    var target = (float*)tiles.Sums + (nint)position * tiles.Input * tiles.Output + column;
                    TileProducts.Multiply<T>(left, right, TileProducts.PanelWidth(column, tiles.Output), count, target, tiles.Output, tiles.Input, adds: true);
                }
            }
        }
    }
}
