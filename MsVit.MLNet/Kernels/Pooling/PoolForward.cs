using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using static TorchSharp.torch;

namespace MsVit.MLNet.Kernels;

/// <summary>The forward pass of the pool: eight channels of a window at a time, over its nine values in reading order.</summary>
internal static unsafe class PoolForward
{
    /// <summary>The largest value of each window and, if requested, its place there: 3 row + column, bytes [B, H', W', C].</summary>
    /// <param name="x">[B, C, H, W], float32 or bfloat16, channels last in memory, on the CPU.</param>
    /// <param name="keepPlaces">Whether a backward pass follows.</param>
    public static (Tensor Values, Tensor? Places) Run(Tensor x, bool keepPlaces = false)
    {
        var (batch, channels, height, width) = (x.shape[0], (int)x.shape[1], (int)x.shape[2], (int)x.shape[3]);
        long[] shape = [batch, (height + 1) / 2, (width + 1) / 2, channels];
        var values = PooledTensor.Empty(shape, x.dtype);
        var places = keepPlaces ? PooledTensor.Empty(shape, uint8) : null;
        var (source, target, kept) = (TensorAddress.Of(x), TensorAddress.Of(values), places is null ? 0 : TensorAddress.Of(places));
        RowRanges.Over(batch * shape[1], 2L * width * channels, (from, to) =>
            Dispatch.Run(x.dtype, new Range(source, target, kept, channels, height, width, from, to)));
        GC.KeepAlive(x);
        return (values.permute(0, 3, 1, 2), places);
    }

    // A range of output rows of all images.
    private readonly struct Range(nint x, nint values, nint places, int channels, int height, int width, long from, long to)
        : IElementKernel
    {
        public void Run<TElement>()
            where TElement : unmanaged, IElement<TElement>
        {
            var (rows, keeps) = ((height + 1) / 2, places != 0);
            // The inner loop always writes places.
            var scratch = stackalloc byte[keeps ? 1 : channels];
            for (var row = from; row < to; row++)
            {
                var image = (nint)(row / rows * height * width * channels);
                var output = (nint)(row * ((width + 1) / 2) * channels);
                Row((TElement*)x + image, (TElement*)values + output, keeps ? (byte*)places + output : scratch, keeps,
                    (int)(row % rows), channels, height, width);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Row<TElement>(TElement* x, TElement* y, byte* places, bool keeps, int i, int channels, int height, int width)
        where TElement : unmanaged, IElement<TElement>
    {
        var (top, bottom) = (Math.Max(2 * i - 1, 0), Math.Min(2 * i + 1, height - 1));
        for (var j = 0; 2 * j < width; j++)
        {
            var (left, right) = (Math.Max(2 * j - 1, 0), Math.Min(2 * j + 1, width - 1));
            var c = 0;
            for (; c + Lanes256.Count <= channels; c += Lanes256.Count)
            {
                // If nothing is larger than minus infinity, it is the first place that is not padding.
                var place = Vector256.Create(3 * (top - 2 * i + 1) + left - 2 * j + 1);
                var max = Vector256.Create(float.NegativeInfinity);
                for (var row = top; row <= bottom; row++)
                {
                    for (var column = left; column <= right; column++)
                    {
                        var value = TElement.Load<Lanes256>(x + ((nint)row * width + column) * channels + c).Values;
                        var better = Vector256.GreaterThan(value, max) | ~Vector256.Equals(value, value);
                        max = Vector256.ConditionalSelect(better, value, max);
                        var k = Vector256.Create(3 * (row - 2 * i + 1) + column - 2 * j + 1);
                        place = Vector256.ConditionalSelect(better.AsInt32(), k, place);
                    }
                }
                TElement.Store(Lanes256.Of(max), y + c);
                var words = Vector128.Narrow(place.GetLower(), place.GetUpper());
                *(ulong*)(places + c) = Vector128.Narrow(words, words).AsUInt64().ToScalar();
            }
            for (; c < channels; c++)
            {
                var place = 3 * (top - 2 * i + 1) + left - 2 * j + 1;
                var max = float.NegativeInfinity;
                for (var row = top; row <= bottom; row++)
                {
                    for (var column = left; column <= right; column++)
                    {
                        var value = TElement.Load<LanesScalar>(x + ((nint)row * width + column) * channels + c).Value;
                        if (value > max || float.IsNaN(value))
                        {
                            (max, place) = (value, 3 * (row - 2 * i + 1) + column - 2 * j + 1);
                        }
                    }
                }
                TElement.Store(LanesScalar.Of(max), y + c);
                places[c] = (byte)place;
            }
            y += channels;
            places += keeps ? channels : 0;
        }
    }
}
