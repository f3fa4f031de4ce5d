using System.Runtime.CompilerServices;

namespace MsVit.MLNet.Kernels;

/// <summary>The inner loops of batch norm over pixels, channels last in memory.</summary>
internal static unsafe class NormRows<T, TElement>
    where T : struct, ILanes<T>
    where TElement : unmanaged, IElement<TElement>
{
    /// <summary>Sums x - origin and its square over some pixels for a range of channels, a multiple of the lanes.</summary>
    /// <param name="x">The first channel of the first pixel.</param>
    /// <param name="pixels">The number of pixels.</param>
    /// <param name="channels">Elements from one pixel to the next.</param>
    /// <param name="from">The first channel.</param>
    /// <param name="to">The channel after the last.</param>
    /// <param name="origin">One number per channel near its mean, so that the squares stay small.</param>
    /// <param name="sum">One per channel.</param>
    /// <param name="squares">One per channel.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddMoments(TElement* x, nint pixels, nint channels, nint from, nint to, float* origin, float* sum, float* squares)
    {
        nint pixel = 0;
        for (; pixel + 4 <= pixels; pixel += 4)
        {
            var row = x + pixel * channels;
            for (var c = from; c < to; c += T.Count)
            {
                Rows.Prefetch(row + 8 * channels + c);
                var zero = T.Load(origin + c);
                var x0 = TElement.Load<T>(row + c) - zero;
                var x1 = TElement.Load<T>(row + channels + c) - zero;
                var x2 = TElement.Load<T>(row + 2 * channels + c) - zero;
                var x3 = TElement.Load<T>(row + 3 * channels + c) - zero;
                (T.Load(sum + c) + (x0 + x1 + (x2 + x3))).Store(sum + c);
                var pair = T.MultiplyAdd(x1, x1, x0 * x0) + T.MultiplyAdd(x3, x3, x2 * x2);
                (T.Load(squares + c) + pair).Store(squares + c);
            }
        }
        for (; pixel < pixels; pixel++)
        {
            for (var c = from; c < to; c += T.Count)
            {
                var x0 = TElement.Load<T>(x + pixel * channels + c) - T.Load(origin + c);
                (T.Load(sum + c) + x0).Store(sum + c);
                T.MultiplyAdd(x0, x0, T.Load(squares + c)).Store(squares + c);
            }
        }
    }

    /// <summary>Replaces g, the gradient of the norm's output, by that of its input: scale g + slope (x - mean) + shift.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Finish(TElement* x, TElement* gradient, float* mean, float* scale, float* slope, float* shift, nint count)
    {
        for (nint i = 0; i < count; i += T.Count)
        {
            Rows.Prefetch(x + i + count);
            Rows.Prefetch(gradient + i + count);
            var ofNorm = T.MultiplyAdd(TElement.Load<T>(gradient + i), T.Load(scale + i), T.Load(shift + i));
            TElement.Store(T.MultiplyAdd(TElement.Load<T>(x + i) - T.Load(mean + i), T.Load(slope + i), ofNorm), gradient + i);
        }
    }
}
