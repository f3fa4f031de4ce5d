using System.Runtime.CompilerServices;

namespace MsVit.MLNet.Network.Neurons.Fused;

/// <summary>A membrane with any time constant and any potential to reset to.</summary>
/// <param name="Threshold">Potential from which on a neuron fires.</param>
/// <param name="Rest">Where a spike sends the membrane, where it starts and what it leaks to.</param>
/// <param name="DecayInput">Whether the input leaks with the membrane.</param>
/// <param name="Constant">What to divide by to leak, or to multiply with if <paramref name="IsRate"/>.</param>
/// <param name="IsRate">Whether the constant is PLIF's rate and not a time constant, whose inverse would round differently.</param>
internal readonly record struct GeneralMembrane(float Threshold, float Rest, bool DecayInput, float Constant, bool IsRate) : IMembrane
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Drive<T>(T v, T x)
        where T : struct, ILanes<T>
    {
        var above = v - T.Splat(Rest);
        return DecayInput ? x - above : T.Splat(0) - above;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Charge<T>(T v, T x)
        where T : struct, ILanes<T>
    {
        var h = v + Leak(Drive(v, x));
        return DecayInput ? h : h + x;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Leak<T>(T y)
        where T : struct, ILanes<T> => IsRate ? y * T.Splat(Constant) : y / T.Splat(Constant);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Reset<T>(T h, T spike)
        where T : struct, ILanes<T> => h * (T.Splat(1) - spike) + spike * T.Splat(Rest);
}
