using System.Runtime.CompilerServices;

namespace MsVit.MLNet.Kernels;

/// <summary>A membrane with any time constant and any potential to reset to.</summary>
/// <param name="Threshold">Potential from which on a neuron fires.</param>
/// <param name="Rest">Where a spike sends the membrane, where it starts and what it leaks to.</param>
/// <param name="DecayInput">Whether the input leaks with the membrane.</param>
/// <param name="Constant">What to divide by to leak, or to multiply with if <paramref name="IsRate"/>.</param>
/// <param name="IsRate">Whether the constant is PLIF's rate and not a time constant, whose inverse would round differently.</param>
/// <param name="IsSoft">Whether a spike lowers the membrane by the threshold and does not send it to rest.</param>
/// <param name="IsDetached">Whether the reset is a constant in the backward pass.</param>
internal readonly record struct GeneralMembrane(
    float Threshold, float Rest, bool DecayInput, float Constant, bool IsRate, bool IsSoft, bool IsDetached) : IMembrane
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
        where T : struct, ILanes<T> => IsSoft ? h - spike * T.Splat(Threshold) : h * (T.Splat(1) - spike) + spike * T.Splat(Rest);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T BeforeReset<T>(T vGradient, T h, T spike, T slope)
        where T : struct, ILanes<T>
    {
        var straight = IsSoft ? vGradient : vGradient * (T.Splat(1) - spike);
        if (IsDetached)
        {
            return straight;
        }
        // What one more spike would change: by the threshold, or from h to rest.
        var drop = IsSoft ? T.Splat(Threshold) : h - T.Splat(Rest);
        return straight - vGradient * drop * slope;
    }
}
