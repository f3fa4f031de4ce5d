using System.Runtime.CompilerServices;

namespace MsVit.MLNet.Kernels;

/// <summary>A GLIF layer's scalars and its equations, operation for operation those of the layer composed of torch operations.</summary>
/// <param name="Keep">What of the membrane a time step leaves.</param>
/// <param name="Leak">What a time step takes from the membrane, whatever its potential.</param>
/// <param name="Threshold">Potential from which on a neuron fires.</param>
/// <param name="ResetShare">S(gamma): the share of the kept membrane that a spike takes.</param>
/// <param name="Drop">What a spike takes from the membrane, whatever its potential.</param>
internal readonly record struct GlifMembrane(float Keep, float Leak, float Threshold, float ResetShare, float Drop)
{
    /// <summary>The membrane minus the threshold.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Over<T>(T h)
        where T : struct, ILanes<T> => h - T.Splat(Threshold);

    /// <summary>The membrane of the first time step.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Start<T>(T x, float gain)
        where T : struct, ILanes<T> => x * T.Splat(gain) - T.Splat(Leak);

    /// <summary>The membrane after the membrane <paramref name="v"/>, which fired where it reached the threshold.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Charge<T>(T v, T x, float gain)
        where T : struct, ILanes<T>
    {
        var spike = T.Step(Over(v));
        var kept = T.Splat(Keep) * v;
        return Start(x, gain) + kept - kept * T.Splat(ResetShare) * spike - T.Splat(Drop) * spike;
    }

    /// <summary>The gradient of a membrane from those of its spike and of the next time step's membrane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Gradient<T>(T h, T over, T slope, T ofSpike, T ofNext)
        where T : struct, ILanes<T>
    {
        // A spike takes both from the next membrane.
        var taken = T.MultiplyAdd(h, T.Splat(Keep * ResetShare), T.Splat(Drop));
        var left = T.Splat(Keep) - T.Splat(Keep * ResetShare) * T.Step(over);
        return (ofSpike - ofNext * taken) * slope + ofNext * left;
    }
}
