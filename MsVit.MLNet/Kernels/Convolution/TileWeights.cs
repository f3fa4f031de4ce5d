using System.Runtime.CompilerServices;
using static TorchSharp.torch;

namespace MsVit.MLNet.Kernels;

/// <summary>Weights of a 3 x 3 convolution as the tiles want them, G g G', and their gradient back from there, G'uG.</summary>
internal static unsafe class TileWeights
{
    private const int In = TileGrid.Inputs, Kernel = 3;

    /// <summary>G g G' of every pair of channels, in panels for <see cref="PanelProducts"/>: [36, Cin, Cout] with the panels of Cout outside Cin.</summary>
    /// <param name="weight">[Cout, Cin, 3, 3], float32.</param>
    /// <param name="width">The lanes.</param>
    public static Tensor Spread(Tensor weight, LaneWidth width)
    {
        using var scope = NewDisposeScope();
        var (input, output) = ((int)weight.shape[1], (int)weight.shape[0]);
        var turned = weight.detach().permute(2, 3, 1, 0).contiguous();                   // [3, 3, Cin, Cout]
        var spread = PooledTensor.Empty([TileGrid.Positions, input, output], float32);
        var (source, target) = (Rows.Of(turned).First, Rows.Of(spread).First);
        RowRanges.Over(input, TileGrid.Positions * output, (from, to) =>
        {
            for (var row = (int)from; row < to; row++)
            {
                Dispatch.Run(width, new SpreadRow((float*)source + (nint)row * output, (float*)target, row, input, output));
            }
        });
        GC.KeepAlive(turned);
        return scope.MoveToOuter(spread);
    }

    /// <summary>G'uG of every pair of channels: [36, Cin, Cout] to [Cout, Cin, 3, 3].</summary>
    /// <param name="spread">Gradients of what <see cref="Spread"/> gives, without panels.</param>
    /// <param name="width">The lanes.</param>
    public static Tensor Gather(Tensor spread, LaneWidth width)
    {
        using var scope = NewDisposeScope();
        var (input, output) = ((int)spread.shape[1], (int)spread.shape[2]);
        var gathered = empty([Kernel, Kernel, input, output], dtype: float32);
        var (source, target) = (Rows.Of(spread).First, Rows.Of(gathered).First);
        RowRanges.Over(input, TileGrid.Positions * output, (from, to) =>
        {
            for (var row = (nint)from; row < to; row++)
            {
                Dispatch.Run(width, new GatherRow((float*)source + row * output, (float*)target + row * output, (nint)input * output, output));
            }
        });
        GC.KeepAlive(spread);
        return scope.MoveToOuter(gathered.permute(3, 2, 0, 1).contiguous());
    }

    private readonly struct SpreadRow(float* source, float* target, int row, int input, int output) : ILaneKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run<T>()
            where T : struct, ILanes<T>
        {
            var half = stackalloc float[In * Kernel * T.Count];
            var (tap, position) = ((nint)input * output, (nint)input * output);
            for (var c = 0; c < output; c += T.Count)
            {
                for (var j = 0; j < Kernel; j++)
                {
                    var g = source + j * tap + c;
                    Spread(T.Load(g), T.Load(g + Kernel * tap), T.Load(g + 2 * Kernel * tap), half + j * T.Count, Kernel * T.Count);
                }
                var to = target + PanelProducts.PanelOffset(c, input) + (nint)row * PanelProducts.PanelWidth(c, output);
                for (var i = 0; i < In; i++)
                {
                    var g = half + i * Kernel * T.Count;
                    Spread(T.Load(g), T.Load(g + T.Count), T.Load(g + 2 * T.Count), to + i * In * position, position);
                }
            }
        }

        // G of three values.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Spread<T>(T g0, T g1, T g2, float* target, nint step)
            where T : struct, ILanes<T>
        {
            var sum = T.Splat(-1 / 6f) * (g0 + g2);
            var middle = T.Splat(1 / 6f) * g1;
            var outerSum = T.MultiplyAdd(T.Splat(1 / 24f), g0, T.Splat(1 / 6f) * g2);
            var outerMiddle = T.Splat(1 / 12f) * g1;
            (T.Splat(0.25f) * g0).Store(target);
            (sum - middle).Store(target + step);
            (sum + middle).Store(target + 2 * step);
            (outerSum + outerMiddle).Store(target + 3 * step);
            (outerSum - outerMiddle).Store(target + 4 * step);
            g2.Store(target + 5 * step);
        }
    }

    private readonly struct GatherRow(float* source, float* target, nint position, int output) : ILaneKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run<T>()
            where T : struct, ILanes<T>
        {
            var half = stackalloc float[Kernel * In * T.Count];
            for (var c = 0; c < output; c += T.Count)
            {
                for (var j = 0; j < In; j++)
                {
                    Gather<T>(source + j * position + c, In * position, half + j * T.Count, In * T.Count);
                }
                for (var i = 0; i < Kernel; i++)
                {
                    Gather<T>(half + i * In * T.Count, T.Count, target + i * Kernel * position + c, position);
                }
            }
        }

        // G' of six values.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Gather<T>(float* u, nint from, float* target, nint step)
            where T : struct, ILanes<T>
        {
            var (u1, u2, u3, u4) = (T.Load(u + from), T.Load(u + 2 * from), T.Load(u + 3 * from), T.Load(u + 4 * from));
            var sixth = T.Splat(1 / 6f);
            var sum = sixth * (u1 + u2);
            var outerSum = u3 + u4;
            (T.MultiplyAdd(T.Splat(0.25f), T.Load(u), T.Splat(1 / 24f) * outerSum) - sum).Store(target);
            T.MultiplyAdd(sixth, u2 - u1, T.Splat(1 / 12f) * (u3 - u4)).Store(target + step);
            (T.MultiplyAdd(sixth, outerSum, T.Load(u + 5 * from)) - sum).Store(target + 2 * step);
        }
    }
}
