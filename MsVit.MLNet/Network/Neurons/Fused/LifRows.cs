using System.Runtime.CompilerServices;

namespace MsVit.MLNet.Network.Neurons.Fused;

/// <summary>The inner loops: one time step of a block of neurons each. The count of neurons is a multiple of the vector.</summary>
/// <remarks>
/// They go through whole rows and not through all time steps of a vector, for rows that lie a power of two apart share their
/// places in the caches. While a block is worked on, the same rows of the next one are fetched.
/// </remarks>
internal static unsafe class LifRows<T, TMembrane>
    where T : struct, ILanes<T>
    where TMembrane : struct, IMembrane
{
    /// <summary>Charges, fires and resets.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Fire<TStore>(TMembrane membrane, float* x, float* v, float* spikes, nint count)
        where TStore : struct, IStore
    {
        for (nint i = 0; i < count; i += T.Count)
        {
            Rows.Prefetch(x + i + count);
            var h = membrane.Charge(T.Load(v + i), T.Load(x + i));
            var spike = T.Step(h - T.Splat(membrane.Threshold));
            membrane.Reset(h, spike).Store(v + i);
            TStore.Put(spike, spikes + i);
        }
    }

    /// <summary>Charges and resets, keeping the charged membrane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Charge(TMembrane membrane, float* x, float* v, float* h, float* nextV, nint count)
    {
        for (nint i = 0; i < count; i += T.Count)
        {
            Rows.Prefetch(x + i + count);
            var charged = membrane.Charge(T.Load(v + i), T.Load(x + i));
            charged.Store(h + i);
            membrane.Reset(charged, T.Step(charged - T.Splat(membrane.Threshold))).Store(nextV + i);
        }
    }

    /// <summary>From the gradients of the spikes and of the membrane after the reset to those of the input and of the one before.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void GoBack<TSlope, TStore>(
        TMembrane membrane, float alpha, float* h, float* spikeGradient, float* vGradient, float* xGradient, nint count)
        where TSlope : struct, ISlope<TSlope, T>
        where TStore : struct, IStore
    {
        var (slope, threshold) = (TSlope.Of(alpha), T.Splat(membrane.Threshold));
        for (nint i = 0; i < count; i += T.Count)
        {
            Rows.Prefetch(spikeGradient + i + count);
            var over = T.Load(h + i) - threshold;
            var quiet = T.Splat(1) - T.Step(over);
            var gradient = T.Load(spikeGradient + i) * slope.At(over) + T.Load(vGradient + i) * quiet;
            var leaked = membrane.Leak(gradient);
            (gradient - leaked).Store(vGradient + i);
            TStore.Put(membrane.DecayInput ? leaked : gradient, xGradient + i);
        }
    }

    /// <summary>Adds each neuron's gradient of the input times its drive.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddDrive(TMembrane membrane, float* x, float* v, float* xGradient, float* sum, nint count)
    {
        for (nint i = 0; i < count; i += T.Count)
        {
            (T.Load(sum + i) + T.Load(xGradient + i) * membrane.Drive(T.Load(v + i), T.Load(x + i))).Store(sum + i);
        }
    }
}
