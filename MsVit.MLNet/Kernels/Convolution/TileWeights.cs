using System.Runtime.CompilerServices;
using static TorchSharp.torch;

namespace MsVit.MLNet.Kernels;

/// <summary>Transforms the weights of a 3 x 3 convolution for tiles, GgG', and their gradient back, G'uG.</summary>
internal static unsafe class TileWeights
{
    private const int In = TileGrid.Inputs, Kernel = 3;

    /// <summary>GgG' of every pair of channels: [36, Cin, Cout], in the panels of <see cref="PanelProducts"/>.</summary>
    /// <param name="weight">[Cout, Cin, 3, 3], float32.</param>
    /// <param name="width">The vector width.</param>
    public static Tensor Transform(Tensor weight, LaneWidth width)
    {
        using var scope = NewDisposeScope();
        var (input, output) = ((int)weight.shape[1], (int)weight.shape[0]);
        var turned = weight.detach().permute(2, 3, 1, 0).contiguous();                   // [3, 3, Cin, Cout]
        var transformed = PooledTensor.Empty([TileGrid.Positions, input, output], float32);
        var (source, target) = (TensorAddress.Of(turned), TensorAddress.Of(transformed));
        RowRanges.Over(input, TileGrid.Positions * output, (from, to) =>
        {
            for (var row = (int)from; row < to; row++)
            {
                Dispatch.Run(width, new TransformRow((float*)source + (nint)row * output, (float*)target, row, input, output));
            }
        });
        GC.KeepAlive(turned);
        return scope.MoveToOuter(transformed);
    }

    /// <summary>G'uG of every pair of channels: [36, Cin, Cout] to [Cout, Cin, 3, 3].</summary>
    /// <param name="transformed">The gradient of the result of <see cref="Transform"/>, not in panels.</param>
    /// <param name="width">The vector width.</param>
    public static Tensor TransformBack(Tensor transformed, LaneWidth width)
    {
        using var scope = NewDisposeScope();
        var (input, output) = ((int)transformed.shape[1], (int)transformed.shape[2]);
        var weights = empty([Kernel, Kernel, input, output], dtype: float32);
        var (source, target) = (TensorAddress.Of(transformed), TensorAddress.Of(weights));
        RowRanges.Over(input, TileGrid.Positions * output, (from, to) =>
        {
            for (var row = (nint)from; row < to; row++)
            {
                var offset = row * output;
                Dispatch.Run(width, new TransformBackRow((float*)source + offset, (float*)target + offset, (nint)input * output, output));
            }
        });
        GC.KeepAlive(transformed);
        return scope.MoveToOuter(weights.permute(3, 2, 0, 1).contiguous());
    }

    private readonly struct TransformRow(float* source, float* target, int row, int input, int output) : ILaneKernel
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
                    MultiplyByG(T.Load(g), T.Load(g + Kernel * tap), T.Load(g + 2 * Kernel * tap), half + j * T.Count, Kernel * T.Count);
                }
                var to = target + PanelProducts.PanelOffset(c, input) + (nint)row * PanelProducts.PanelWidth(c, output);
                for (var i = 0; i < In; i++)
                {
                    var g = half + i * Kernel * T.Count;
                    MultiplyByG(T.Load(g), T.Load(g + T.Count), T.Load(g + 2 * T.Count), to + i * In * position, position);
                }
            }
        }

        // G of three values.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void MultiplyByG<T>(T g0, T g1, T g2, float* target, nint step)
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

    private readonly struct TransformBackRow(float* source, float* target, nint position, int output) : ILaneKernel
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
                    MultiplyByGTransposed<T>(source + j * position + c, In * position, half + j * T.Count, In * T.Count);
                }
                for (var i = 0; i < Kernel; i++)
                {
                    MultiplyByGTransposed<T>(half + i * In * T.Count, T.Count, target + i * Kernel * position + c, position);
                }
            }
        }

        // G' of six values.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void MultiplyByGTransposed<T>(float* u, nint from, float* target, nint step)
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
