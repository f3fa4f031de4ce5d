using static TorchSharp.torch;

namespace MsVit.MLNet.Kernels;

/// <summary>What a convolution saves of its input for the gradient of its weights: spikes and their sums as bytes.</summary>
internal static unsafe class SavedInput
{
    /// <summary>What to save: null if the weights need no gradient.</summary>
    /// <remarks>Otherwise float32 input becomes bytes if all values are integers from 0 to 255. Other input is saved as it is.</remarks>
    /// <param name="x">[B, C, H, W], float32 or bfloat16, dense and channels last in memory. C is a multiple of the lanes.</param>
    /// <param name="weight">The weights.</param>
    /// <param name="width">The vector width.</param>
    public static Tensor? Of(Tensor x, Tensor weight, LaneWidth width) => weight.requires_grad ? Of(x, width) : null;

    private static Tensor Of(Tensor x, LaneWidth width)
    {
        if (x.dtype != ScalarType.Float32)
        {
            return x.detach();
        }
        var (shape, count) = (x.shape, x.numel());
        using var bytes = PooledTensor.Empty([shape[0], shape[2], shape[3], shape[1]], ScalarType.Byte);
        var (source, target) = (TensorAddress.Of(x), TensorAddress.Of(bytes));
        var differs = 0;
        RowRanges.Over(count / shape[1], shape[1], (from, to) =>
        {
            if (Volatile.Read(ref differs) == 0)
            {
                var found = 0;
                var (first, end) = ((nint)(from * shape[1]), (nint)(to * shape[1]));
                Dispatch.Run(width, new Piece((float*)source, (ByteElement*)target, first, end, &found));
                _ = Interlocked.Or(ref differs, found);
            }
        });
        GC.KeepAlive(x);
        return differs == 0 ? bytes.permute(0, 3, 1, 2) : x.detach();
    }

    private readonly struct Piece(float* x, ByteElement* bytes, nint from, nint to, int* differs) : ILaneKernel
    {
        // The number of values between two checks.
        private const int CheckInterval = 1 << 14;

        public void Run<T>()
            where T : struct, ILanes<T>
        {
            var left = stackalloc float[T.Count];
            for (var first = from; first < to && *differs == 0; first += CheckInterval)
            {
                var lost = T.Splat(0);
                for (var i = first; i < Math.Min(first + CheckInterval, to); i += T.Count)
                {
                    Rows.Prefetch(x + i + 256);
                    var value = T.Load(x + i);
                    ByteElement.Store(value, bytes + i);
                    lost += T.Abs(value - ByteElement.Load<T>(bytes + i));
                }
                lost.Store(left);
                for (var lane = 0; lane < T.Count; lane++)
                {
                    // True for NaN too.
                    *differs |= left[lane] == 0 ? 0 : 1;
                }
            }
        }
    }
}
