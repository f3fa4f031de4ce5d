using System.Runtime.CompilerServices;

namespace MsVit.MLNet.Kernels;

/// <summary>The membrane of the published networks: reset to 0, input that decays, a leak that is a product.</summary>
internal readonly record struct PublishedMembrane(float Threshold, float Rate) : IMembrane
{
    public float Rest => 0;

    public bool DecayInput => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Drive<T>(T v, T x)
        where T : struct, ILanes<T> => x - v;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Charge<T>(T v, T x)
        where T : struct, ILanes<T> => v + Leak(x - v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Leak<T>(T y)
        where T : struct, ILanes<T> => y * T.Splat(Rate);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Reset<T>(T h, T spike)
        where T : struct, ILanes<T> => h * (T.Splat(1) - spike);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T BeforeReset<T>(T vGradient, T h, T spike, T slope)
        where T : struct, ILanes<T> => vGradient * (T.Splat(1) - spike);
}
