using System.Runtime.CompilerServices;

namespace MsVit.MLNet.Kernels;

/// <summary>The three transforms of F(4 x 4, 3 x 3) on tiles: B'dB of inputs, A'mA to outputs, and AyA' of gradients of outputs.</summary>
/// <remarks>
/// The polynomials are evaluated at 0, 1, -1, 2, -2 and infinity (Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks",
/// CVPR 2016). Channels are adjacent in memory.
/// </remarks>
internal static unsafe class TileTransforms
{
    private const int In = TileGrid.Inputs, Out = TileGrid.Outputs;

    /// <summary>B'dB.</summary>
    /// <param name="pixels">The channels of each of the 6 x 6 inputs, row by row.</param>
    /// <param name="channels">A multiple of the lanes.</param>
    /// <param name="target">Where the first channel of the first position goes.</param>
    /// <param name="position">Floats from one position to the next.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Input<T, TElement>(TElement** pixels, int channels, float* target, nint position)
        where T : struct, ILanes<T>
        where TElement : unmanaged, IElement<TElement>
    {
        var half = stackalloc float[TileGrid.Positions * T.Count];
        var row = In * T.Count;
        for (var c = 0; c < channels; c += T.Count)
        {
            for (var j = 0; j < In; j++)
            {
                MultiplyByB(
                    TElement.Load<T>(pixels[j] + c), TElement.Load<T>(pixels[In + j] + c), TElement.Load<T>(pixels[2 * In + j] + c),
                    TElement.Load<T>(pixels[3 * In + j] + c), TElement.Load<T>(pixels[4 * In + j] + c),
                    TElement.Load<T>(pixels[5 * In + j] + c),
                    half + j * T.Count, row);
            }
            for (var i = 0; i < In; i++)
            {
                var from = half + i * row;
                MultiplyByB(
                    T.Load(from), T.Load(from + T.Count), T.Load(from + 2 * T.Count),
                    T.Load(from + 3 * T.Count), T.Load(from + 4 * T.Count), T.Load(from + 5 * T.Count),
                    target + i * In * position + c, position);
            }
        }
    }

    /// <summary>A'mA.</summary>
    /// <param name="source">The first channel of the first position.</param>
    /// <param name="position">Floats from one position to the next.</param>
    /// <param name="channels">A multiple of the lanes.</param>
    /// <param name="pixels">The channels of each of the 4 x 4 outputs, row by row; null for those beyond the border.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Output<T, TElement>(float* source, nint position, int channels, TElement** pixels)
        where T : struct, ILanes<T>
        where TElement : unmanaged, IElement<TElement>
    {
        var half = stackalloc float[Out * In * T.Count];
        var two = T.Splat(2);
        var four = T.Splat(4);
        var eight = T.Splat(8);
        for (var c = 0; c < channels; c += T.Count)
        {
            for (var j = 0; j < In; j++)
            {
                var m = source + j * position + c;
                var (m3, m4) = (T.Load(m + 3 * In * position), T.Load(m + 4 * In * position));
                var (m1, m2) = (T.Load(m + In * position), T.Load(m + 2 * In * position));
                var (sum, difference, outerSum, outerDifference) = (m1 + m2, m1 - m2, m3 + m4, m3 - m4);
                (T.Load(m) + sum + outerSum).Store(half + j * T.Count);
                T.MultiplyAdd(two, outerDifference, difference).Store(half + (In + j) * T.Count);
                T.MultiplyAdd(four, outerSum, sum).Store(half + (2 * In + j) * T.Count);
                (T.MultiplyAdd(eight, outerDifference, difference) + T.Load(m + 5 * In * position)).Store(half + (3 * In + j) * T.Count);
            }
            for (var i = 0; i < Out; i++)
            {
                var m = half + i * In * T.Count;
                var (m1, m2, m3, m4) = (T.Load(m + T.Count), T.Load(m + 2 * T.Count), T.Load(m + 3 * T.Count), T.Load(m + 4 * T.Count));
                var (sum, difference, outerSum, outerDifference) = (m1 + m2, m1 - m2, m3 + m4, m3 - m4);
                var to = pixels + i * Out;
                if (to[0] != null)
                {
                    TElement.Store(T.Load(m) + sum + outerSum, to[0] + c);
                }
                if (to[1] != null)
                {
                    TElement.Store(T.MultiplyAdd(two, outerDifference, difference), to[1] + c);
                }
                if (to[2] != null)
                {
                    TElement.Store(T.MultiplyAdd(four, outerSum, sum), to[2] + c);
                }
                if (to[3] != null)
                {
                    TElement.Store(T.MultiplyAdd(eight, outerDifference, difference) + T.Load(m + 5 * T.Count), to[3] + c);
                }
            }
        }
    }

    /// <summary>AyA' of 4 x 4 gradients.</summary>
    /// <param name="pixels">The channels of each of the 4 x 4 gradients, row by row.</param>
    /// <param name="from">The first channel, a multiple of the lanes.</param>
    /// <param name="to">The channel after the last.</param>
    /// <param name="target">Where that channel of the first position goes.</param>
    /// <param name="position">Floats from one position to the next.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Gradient<T, TElement>(TElement** pixels, int from, int to, float* target, nint position)
        where T : struct, ILanes<T>
        where TElement : unmanaged, IElement<TElement>
    {
        var half = stackalloc float[In * Out * T.Count];
        var row = Out * T.Count;
        for (var c = from; c < to; c += T.Count)
        {
            for (var j = 0; j < Out; j++)
            {
                MultiplyByA(
                    TElement.Load<T>(pixels[j] + c), TElement.Load<T>(pixels[Out + j] + c),
                    TElement.Load<T>(pixels[2 * Out + j] + c), TElement.Load<T>(pixels[3 * Out + j] + c),
                    half + j * T.Count, row);
            }
            for (var i = 0; i < In; i++)
            {
                var y = half + i * row;
                MultiplyByA(
                    T.Load(y), T.Load(y + T.Count), T.Load(y + 2 * T.Count), T.Load(y + 3 * T.Count),
                    target + i * In * position + (c - from), position);
            }
        }
    }

    // B' of six values.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void MultiplyByB<T>(T d0, T d1, T d2, T d3, T d4, T d5, float* target, nint step)
        where T : struct, ILanes<T>
    {
        var two = T.Splat(2);
        var four = T.Splat(4);
        var minusFour = T.Splat(-4);
        var minusFive = T.Splat(-5);
        var even = T.MultiplyAdd(minusFour, d2, d4);
        var odd = T.MultiplyAdd(minusFour, d1, d3);
        var outerEven = d4 - d2;
        var outerOdd = two * (d3 - d1);
        T.MultiplyAdd(four, d0, T.MultiplyAdd(minusFive, d2, d4)).Store(target);
        (even + odd).Store(target + step);
        (even - odd).Store(target + 2 * step);
        (outerEven + outerOdd).Store(target + 3 * step);
        (outerEven - outerOdd).Store(target + 4 * step);
        T.MultiplyAdd(four, d1, T.MultiplyAdd(minusFive, d3, d5)).Store(target + 5 * step);
    }

    // A of four values.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void MultiplyByA<T>(T y0, T y1, T y2, T y3, float* target, nint step)
        where T : struct, ILanes<T>
    {
        var four = T.Splat(4);
        var (even, odd) = (y0 + y2, y1 + y3);
        var outerEven = T.MultiplyAdd(four, y2, y0);
        var outerOdd = T.Splat(2) * T.MultiplyAdd(four, y3, y1);
        y0.Store(target);
        (even + odd).Store(target + step);
        (even - odd).Store(target + 2 * step);
        (outerEven + outerOdd).Store(target + 3 * step);
        (outerEven - outerOdd).Store(target + 4 * step);
        y3.Store(target + 5 * step);
    }
}
