using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using static TorchSharp.torch;

namespace MsVit.MLNet.Kernels;

/// <summary>The backward pass of the pool: each input sums the gradients of the windows that took their value from it.</summary>
/// <remarks>The gradients of several windows are summed in the reading order of the windows, as torch does.</remarks>
internal static unsafe class PoolBackward
{
    /// <summary>The gradient of the input, channels last in memory.</summary>
    /// <param name="gradient">The gradient of the output, [B, C, H', W'], channels last in memory, on the CPU.</param>
    /// <param name="places">The places saved by the forward pass.</param>
    /// <param name="shape">The shape of the input, [B, C, H, W].</param>
    public static Tensor Run(Tensor gradient, Tensor places, long[] shape)
    {
        var (batch, channels, height, width) = (shape[0], (int)shape[1], (int)shape[2], (int)shape[3]);
        var ofX = PooledTensor.Empty([batch, height, width, channels], gradient.dtype);
        var (source, kept, target) = (TensorAddress.Of(gradient), TensorAddress.Of(places), TensorAddress.Of(ofX));
        RowRanges.Over(batch * height, (long)width * channels, (from, to) =>
            Dispatch.Run(gradient.dtype, new Range(source, kept, target, channels, height, width, from, to)));
        GC.KeepAlive(gradient);
        GC.KeepAlive(places);
        return ofX.permute(0, 3, 1, 2);
    }

    // A range of input rows of all images.
    private readonly struct Range(nint gradient, nint places, nint ofX, int channels, int height, int width, long from, long to)
        : IElementKernel
    {
        public void Run<TElement>()
            where TElement : unmanaged, IElement<TElement>
        {
            var outputs = (nint)((height + 1) / 2) * ((width + 1) / 2) * channels;
            for (var row = from; row < to; row++)
            {
                var windows = (nint)(row / height) * outputs;
                Row((TElement*)gradient + windows, (byte*)places + windows, (TElement*)ofX + (nint)row * width * channels,
                    (int)(row % height), channels, height, width);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Row<TElement>(TElement* gradient, byte* places, TElement* ofX, int row, int channels, int height, int width)
        where TElement : unmanaged, IElement<TElement>
    {
        var outputs = (width + 1) / 2;
        var (top, bottom) = (row / 2, Math.Min((row + 1) / 2, (height - 1) / 2));
        for (var column = 0; column < width; column++)
        {
            var (left, right) = (column / 2, Math.Min((column + 1) / 2, outputs - 1));
            var c = 0;
            for (; c + Lanes256.Count <= channels; c += Lanes256.Count)
            {
                var sum = Vector256<float>.Zero;
                for (var i = top; i <= bottom; i++)
                {
                    for (var j = left; j <= right; j++)
                    {
                        var window = ((nint)i * outputs + j) * channels + c;
                        var words = Vector128.WidenLower(Vector128.CreateScalar(*(ulong*)(places + window)).AsByte());
                        var place = Vector256.Create(Vector128.WidenLower(words), Vector128.WidenUpper(words));
                        var mine = Vector256.Equals(place, Vector256.Create((uint)(3 * (row - 2 * i + 1) + column - 2 * j + 1)));
                        var value = TElement.Load<Lanes256>(gradient + window).Values;
                        sum += Vector256.ConditionalSelect(mine.AsSingle(), value, Vector256<float>.Zero);
                    }
                }
                TElement.Store(Lanes256.Of(sum), ofX + c);
            }
            for (; c < channels; c++)
            {
                var sum = 0f;
                for (var i = top; i <= bottom; i++)
                {
                    for (var j = left; j <= right; j++)
                    {
                        var window = ((nint)i * outputs + j) * channels + c;
                        var mine = places[window] == 3 * (row - 2 * i + 1) + column - 2 * j + 1;
                        sum += mine ? TElement.Load<LanesScalar>(gradient + window).Value : 0;
                    }
                }
                TElement.Store(LanesScalar.Of(sum), ofX + c);
            }
            ofX += channels;
        }
    }
}
