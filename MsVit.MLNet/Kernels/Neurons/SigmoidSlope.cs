using System.Runtime.CompilerServices;

namespace MsVit.MLNet.Kernels;

/// <summary>The slope of sigmoid(alpha x).</summary>
/// <remarks>
/// It is alpha e / (1 + e)^2 with e = exp(-|alpha x|) = 2^n p(f), where n + f = -|alpha x| log2(e), n is whole, |f| is at most
/// 1/2 and p is a polynomial of degree 5 with p(0) = 1, fitted to 2^f with a relative error of at most 9.2e-8.
/// The slope is within 5e-8 alpha of the exact one, alpha/4 exactly at 0 and 0 from |alpha x| = 88.1 on.
/// </remarks>
internal readonly struct SigmoidSlope<T> : ISlope<SigmoidSlope<T>, T>
    where T : struct, ILanes<T>
{
    private const float Log2E = 1.442695f;

    // 1.5 * 2^23: adding it leaves a whole number in the low bits; 127 more, and they are the exponent of a power of two.
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
        // In pairs and not one after the other: what waits for its predecessor is halved, and that is what the loop's time hangs on.
        var squared = f * f;
        var upper = T.MultiplyAdd(T.Splat(0.00132647271f), f, T.Splat(0.00967151264f));
        var middle = T.MultiplyAdd(T.Splat(0.0555073374f), f, T.Splat(0.240222421f));
        var lower = T.MultiplyAdd(T.Splat(0.693146978f), f, T.Splat(1));
        var p = T.MultiplyAdd(T.MultiplyAdd(upper, squared, middle), squared, lower);
        return p * T.PowerOfTwo(shifted);
    }
}
