using System.Runtime.CompilerServices;

namespace MsVit.MLNet.Kernels;

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
