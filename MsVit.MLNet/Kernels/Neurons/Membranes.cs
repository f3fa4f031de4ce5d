using System.Runtime.CompilerServices;

namespace MsVit.MLNet.Kernels;

/// <summary>A layer's constants in float32 and its equations, operation for operation as in <see cref="EagerLif"/>.</summary>
internal interface IMembrane
{
    /// <summary>What is taken from the membrane before it fires: the potential at which a neuron fires, 0 for integer neurons.</summary>
    float Threshold { get; }

    /// <summary>r: the potential after a spike, at the start, and that the membrane leaks to.</summary>
    float Rest { get; }

    /// <summary>Whether the input decays with the membrane.</summary>
    bool DecayInput { get; }

    /// <summary>What leaks: x - (v - r), or r - v if the input does not decay.</summary>
    T Drive<T>(T v, T x)
        where T : struct, ILanes<T>;

    /// <summary>The charged membrane h.</summary>
    T Charge<T>(T v, T x)
        where T : struct, ILanes<T>;

    /// <summary>The spikes of a time step, from h minus the threshold.</summary>
    T Fire<T>(T over)
        where T : struct, ILanes<T>;

    /// <summary>y / tau for LIF, y sigmoid(w) for PLIF.</summary>
    T Leak<T>(T y)
        where T : struct, ILanes<T>;

    /// <summary>The membrane after the reset. It is a product and not a selection, so an infinite h leaves NaN.</summary>
    T Reset<T>(T h, T spike)
        where T : struct, ILanes<T>;

    /// <summary>The gradient that the membrane after the reset passes to h, the charged one.</summary>
    T BeforeReset<T>(T vGradient, T h, T spike, T slope)
        where T : struct, ILanes<T>;
}

/// <summary>The membrane of the published networks: reset to 0, decaying input, a leak that is a product.</summary>
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
    public T Fire<T>(T over)
        where T : struct, ILanes<T> => T.Step(over);

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

/// <summary>A membrane with any time constant and any reset.</summary>
/// <param name="Threshold">The potential at which a neuron fires.</param>
/// <param name="Rest">The potential after a spike, at the start, and that the membrane leaks to.</param>
/// <param name="DecayInput">Whether the input decays with the membrane.</param>
/// <param name="Constant">The divisor of the leak, or its factor if <paramref name="IsRate"/>.</param>
/// <param name="IsRate">Whether the constant is PLIF's rate. A time constant is not inverted, because that would round differently.</param>
/// <param name="IsSoft">Whether a spike lowers the membrane by the threshold instead of sending it to rest.</param>
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
    public T Fire<T>(T over)
        where T : struct, ILanes<T> => T.Step(over);

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
        // The change by one more spike: the threshold, or from h to rest.
        var drop = IsSoft ? T.Splat(Threshold) : h - T.Splat(Rest);
        return straight - vGradient * drop * slope;
    }
}

/// <summary>
/// The membrane of integer neurons: h = decay v + x fires up to <paramref name="Levels"/> spikes, each of which lowers it by 1.
/// </summary>
/// <param name="Levels">The most spikes of a time step.</param>
/// <param name="Decay">What a membrane keeps of its potential from one time step to the next.</param>
internal readonly record struct IntegerMembrane(float Levels, float Decay) : IMembrane
{
    public float Threshold => 0;

    public float Rest => 0;

    public bool DecayInput => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Drive<T>(T v, T x)
        where T : struct, ILanes<T> => T.Splat(0) - v;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Charge<T>(T v, T x)
        where T : struct, ILanes<T> => v * T.Splat(Decay) + x;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Fire<T>(T over)
        where T : struct, ILanes<T> => T.Round(T.AtMost(T.Splat(Levels), T.AtLeast(T.Splat(0), over)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Leak<T>(T y)
        where T : struct, ILanes<T> => y * T.Splat(1 - Decay);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Reset<T>(T h, T spike)
        where T : struct, ILanes<T> => h - spike;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T BeforeReset<T>(T vGradient, T h, T spike, T slope)
        where T : struct, ILanes<T> => vGradient;
}
