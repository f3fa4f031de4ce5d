using System.Runtime.CompilerServices;

namespace MsVit.MLNet.Kernels;

/// <summary>The slope of a surrogate function for a vector of neurons.</summary>
internal interface ISlope<TSelf, T>
    where TSelf : struct, ISlope<TSelf, T>
    where T : struct, ILanes<T>
{
    static abstract TSelf Of(float alpha);

    /// <summary>The slope at x = membrane potential - threshold.</summary>
    T At(T x);
}

/// <summary>The slope of sigmoid(alpha x).</summary>
/// <remarks>
/// It is alpha e / (1 + e)^2 with e = exp(-|alpha x|) = 2^n p(f), where n + f = -|alpha x| log2(e), n is an integer, |f| is at most
/// 1/2 and p is a polynomial of degree 5 with p(0) = 1, fitted to 2^f with a relative error of at most 9.2e-8.
/// The slope is within 5e-8 alpha of the exact one, alpha/4 exactly at 0 and 0 from |alpha x| = 88.1 on.
/// </remarks>
internal readonly struct SigmoidSlope<T> : ISlope<SigmoidSlope<T>, T>
    where T : struct, ILanes<T>
{
    private const float Log2E = 1.442695f;

    // Adding 1.5 * 2^23 leaves an integer in the low bits; with 127 more, these are the exponent of a power of two.
    private const float RoundingShift = 12582912 + 127;

    private readonly T _alpha;
    private readonly T _scale;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private SigmoidSlope(float alpha) => (_alpha, _scale) = (T.Splat(alpha), T.Splat(-alpha * Log2E));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SigmoidSlope<T> Of(float alpha) => new(alpha);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T At(T x)
    {
        var e = Exp2(T.AtLeast(T.Splat(-127), T.Abs(x) * _scale));
        var sum = T.Splat(1) + e;
        return _alpha * e / (sum * sum);
    }

    // 2^y for y from -127, which gives 0, to 0.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T Exp2(T y)
    {
        var shifted = y + T.Splat(RoundingShift);
        var f = y - (shifted - T.Splat(RoundingShift));
        // In pairs rather than by Horner's rule: this halves the chain of dependent operations, which limits the loop.
        var squared = f * f;
        var upper = T.MultiplyAdd(T.Splat(0.00132647271f), f, T.Splat(0.00967151264f));
        var middle = T.MultiplyAdd(T.Splat(0.0555073374f), f, T.Splat(0.240222421f));
        var lower = T.MultiplyAdd(T.Splat(0.693146978f), f, T.Splat(1));
        var p = T.MultiplyAdd(T.MultiplyAdd(upper, squared, middle), squared, lower);
        return p * T.PowerOfTwo(shifted);
    }
}

/// <summary>The slope of arctan(pi/2 alpha x) / pi + 1/2, which is alpha/2 / (1 + (pi/2 alpha x)^2).</summary>
internal readonly struct ATanSlope<T> : ISlope<ATanSlope<T>, T>
    where T : struct, ILanes<T>
{
    private readonly T _half;
    private readonly T _scale;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ATanSlope(float alpha) => (_half, _scale) = (T.Splat(alpha / 2), T.Splat(MathF.PI / 2 * alpha));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ATanSlope<T> Of(float alpha) => new(alpha);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T At(T x)
    {
        var y = x * _scale;
        return _half / (T.Splat(1) + y * y);
    }
}

/// <summary>The slope of an integer neuron: 1 from 0 to its levels, which take the place of alpha, and 0 elsewhere.</summary>
internal readonly struct IntegerSlope<T> : ISlope<IntegerSlope<T>, T>
    where T : struct, ILanes<T>
{
    private readonly T _levels;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private IntegerSlope(float levels) => _levels = T.Splat(levels);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static IntegerSlope<T> Of(float alpha) => new(alpha);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T At(T x) => T.Step(x) * T.Step(_levels - x);
}
