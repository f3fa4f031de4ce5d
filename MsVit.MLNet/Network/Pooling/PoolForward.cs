using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using MsVit.MLNet.Network.Neurons.Fused;
using static TorchSharp.torch;

namespace MsVit.MLNet.Network.Pooling;

/// <summary>The forward pass of the pool: eight windows at a time, each going through its nine values in reading order.</summary>
internal static unsafe class PoolForward
{
    /// <summary>The largest value of each window and, if asked for, its place in the window: 3 row + column, bytes.</summary>
    /// <param name="x">[B, C, H, W], float32, dense, on the processor.</param>
    /// <param name="keepPlaces">Whether a backward pass will follow.</param>
    public static (Tensor Values, Tensor? Places) Run(Tensor x, bool keepPlaces = false)
    {
        var (batch, channels, height, width) = (x.shape[0], x.shape[1], (int)x.shape[2], (int)x.shape[3]);
        var rows = new PoolRows(width);
        var outputs = (height + 1) / 2;
        long[] shape = [batch, channels, outputs, rows.Outputs];
        var values = empty(shape, dtype: float32);
        var places = keepPlaces ? empty(shape, dtype: uint8) : null;
        var (source, target, kept) = (Rows.Of(x).First, Rows.Of(values).First, places is null ? 0 : Rows.Of(places).First);
        rows.Run(batch * channels, height, (plane, scratch) => Plane(
            rows,
            height,
            (float*)source + plane * height * width,
            (float*)target + plane * outputs * rows.Outputs,
            kept == 0 ? null : (byte*)kept + plane * outputs * rows.Outputs,
            (float*)scratch));
        GC.KeepAlive(x);
        return (values, places);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Plane(PoolRows rows, int height, float* x, float* y, byte* places, float* scratch)
    {
        var largest = scratch + rows.Size;
        var chosen = (ulong*)(largest + rows.Pitch);
        for (var row = 0; row < 4; row++)
        {
            rows.Fill(scratch, row, float.NegativeInfinity);
        }
        for (var i = 0; 2 * i < height; i++)
        {
            var last = Math.Min(2 * i + 1, height - 1);
            for (var row = 2 * i; row <= last; row++)
            {
                rows.Split(x + (nint)row * rows.Width, scratch, row);
            }
            var first = Math.Max(2 * i - 1, 0);
            for (var j = 0; j < rows.Pitch; j += PoolRows.Lanes)
            {
                // Where nothing is larger than minus infinity, it is the first place that is not padding.
                var place = Vector256.Create(i == 0 ? 3 : 0) + (j == 0 ? Vector256.Create(1, 0, 0, 0, 0, 0, 0, 0) : Vector256<int>.Zero);
                var max = Vector256.Create(float.NegativeInfinity);
                for (var row = first; row <= last; row++)
                {
                    var odd = rows.Odd(scratch, row) + j;
                    var even = rows.Even(scratch, row) + j;
                    var k = 3 * (row - 2 * i + 1);
                    Take(Vector256.Load(odd - 1), k, ref max, ref place);
                    Take(Vector256.Load(even), k + 1, ref max, ref place);
                    Take(Vector256.Load(odd), k + 2, ref max, ref place);
                }
                max.Store(largest + j);
                var words = Vector128.Narrow(place.GetLower(), place.GetUpper());
                chosen[j / PoolRows.Lanes] = Vector128.Narrow(words, words).AsUInt64().ToScalar();
            }
            new Span<float>(largest, rows.Outputs).CopyTo(new Span<float>(y + (nint)i * rows.Outputs, rows.Outputs));
            if (places is not null)
            {
                new Span<byte>(chosen, rows.Outputs).CopyTo(new Span<byte>(places + (nint)i * rows.Outputs, rows.Outputs));
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Take(Vector256<float> value, int k, ref Vector256<float> max, ref Vector256<int> place)
    {
        var better = Vector256.GreaterThan(value, max) | ~Vector256.Equals(value, value);
        max = Vector256.ConditionalSelect(better, value, max);
        place = Vector256.ConditionalSelect(better.AsInt32(), Vector256.Create(k), place);
    }
}
