using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using MsVit.MLNet.Network.Neurons.Fused;
using static TorchSharp.torch;

namespace MsVit.MLNet.Network.Pooling;

/// <summary>The backward pass of the pool: a window's gradient goes to the place that it took its value from.</summary>
/// <remarks>What several windows give to one place is summed in the reading order of the windows, as torch does.</remarks>
internal static unsafe class PoolBackward
{
    /// <summary>The gradient of the input.</summary>
    /// <param name="gradient">That of the output, [B, C, H', W'], float32, dense, on the processor.</param>
    /// <param name="places">As kept by the forward pass.</param>
    /// <param name="shape">Of the input, [B, C, H, W].</param>
    public static Tensor Run(Tensor gradient, Tensor places, long[] shape)
    {
        var (height, width) = ((int)shape[2], (int)shape[3]);
        var rows = new PoolRows(width);
        var outputs = (height + 1) / 2;
        var ofX = empty(shape, dtype: float32);
        var (source, kept, target) = (Rows.Of(gradient).First, Rows.Of(places).First, Rows.Of(ofX).First);
        rows.Run(shape[0] * shape[1], height, (plane, scratch) => Plane(
            rows,
            height,
            (float*)source + plane * outputs * rows.Outputs,
            (byte*)kept + plane * outputs * rows.Outputs,
            (float*)target + plane * height * width,
            (float*)scratch));
        GC.KeepAlive(gradient);
        GC.KeepAlive(places);
        return ofX;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Plane(PoolRows rows, int height, float* gradient, byte* places, float* ofX, float* scratch)
    {
        var padded = scratch + rows.Size;
        var chosen = (ulong*)(padded + rows.Pitch);
        new Span<float>(padded, 2 * rows.Pitch).Clear();
        for (var i = 0; 2 * i < height; i++)
        {
            new Span<float>(gradient + (nint)i * rows.Outputs, rows.Outputs).CopyTo(new Span<float>(padded, rows.Outputs));
            new Span<byte>(places + (nint)i * rows.Outputs, rows.Outputs).CopyTo(new Span<byte>(chosen, rows.Outputs));
            var last = Math.Min(2 * i + 1, height - 1);
            for (var row = 2 * i; row <= last; row++)
            {
                rows.Fill(scratch, row, 0);
            }
            for (var j = 0; j < rows.Pitch; j += PoolRows.Lanes)
            {
                var value = Vector256.Load(padded + j);
                var words = Vector128.WidenLower(Vector128.CreateScalar(chosen[j / PoolRows.Lanes]).AsByte());
                var place = Vector256.Create(Vector128.WidenLower(words), Vector128.WidenUpper(words)).AsInt32();
                for (var row = Math.Max(2 * i - 1, 0); row <= last; row++)
                {
                    var odd = rows.Odd(scratch, row) + j;
                    var even = rows.Even(scratch, row) + j;
                    var k = 3 * (row - 2 * i + 1);
                    // An odd column belongs to two windows; its right side is that of the earlier one.
                    Give(odd, value, place, k + 2);
                    Give(even, value, place, k + 1);
                    Give(odd - 1, value, place, k);
                }
            }
            // The last row of these belongs to the next window too.
            for (var row = Math.Max(2 * i - 1, 0); row <= last; row++)
            {
                if (row < 2 * i + 1 || row == height - 1)
                {
                    rows.Merge(scratch, row, ofX + (nint)row * rows.Width);
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Give(float* target, Vector256<float> value, Vector256<int> place, int k)
    {
        var mine = Vector256.Equals(place, Vector256.Create(k)).AsSingle();
        (Vector256.Load(target) + Vector256.ConditionalSelect(mine, value, Vector256<float>.Zero)).Store(target);
    }
}
