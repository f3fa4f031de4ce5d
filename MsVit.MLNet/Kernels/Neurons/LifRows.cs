using System.Runtime.CompilerServices;

namespace MsVit.MLNet.Kernels;

/// <summary>The inner loops: one time step of a block of neurons each. The count of neurons is a multiple of the vector.</summary>
/// <remarks>
/// They go through whole rows and not through all time steps of a vector, for rows that lie a power of two apart share their
/// places in the caches. While a block is worked on, the same rows of the next one are fetched. A current is scale x + shift.
/// </remarks>
internal static unsafe class LifRows<T, TMembrane, TElement>
    where T : struct, ILanes<T>
    where TMembrane : struct, IMembrane
    where TElement : unmanaged, IElement<TElement>
{
    /// <summary>Charges, fires and resets.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Fire<TStore>(TMembrane membrane, TElement* x, float* scale, float* shift, float* v, TElement* spikes, nint count)
        where TStore : struct, IStore
    {
        for (nint i = 0; i < count; i += T.Count)
        {
            Rows.Prefetch(x + i + count);
            var h = membrane.Charge(T.Load(v + i), Current(x, scale, shift, i));
            var spike = T.Step(h - T.Splat(membrane.Threshold));
            membrane.Reset(h, spike).Store(v + i);
            TStore.Put(spike, spikes + i);
        }
    }

    /// <summary>The same, but writes the spikes plus what is there already.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void FireOnto<TStore>(
        TMembrane membrane, TElement* x, float* scale, float* shift, float* v, TElement* onto, TElement* sum, nint count)
        where TStore : struct, IStore
    {
        for (nint i = 0; i < count; i += T.Count)
        {
            Rows.Prefetch(x + i + count);
            Rows.Prefetch(onto + i + count);
            var h = membrane.Charge(T.Load(v + i), Current(x, scale, shift, i));
            var spike = T.Step(h - T.Splat(membrane.Threshold));
            membrane.Reset(h, spike).Store(v + i);
            TStore.Put(TElement.Load<T>(onto + i) + spike, sum + i);
        }
    }

    /// <summary>Charges and resets, keeping the charged membrane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Charge(TMembrane membrane, TElement* x, float* scale, float* shift, float* v, float* h, float* nextV, nint count)
    {
        for (nint i = 0; i < count; i += T.Count)
        {
            Rows.Prefetch(x + i + count);
            var charged = membrane.Charge(T.Load(v + i), Current(x, scale, shift, i));
            charged.Store(h + i);
            membrane.Reset(charged, T.Step(charged - T.Splat(membrane.Threshold))).Store(nextV + i);
        }
    }

    /// <summary>From the gradients of the spikes and of the membrane after the reset to those of the current and of the one before.</summary>
    /// <remarks>The gradient of the current also takes the place of the charged membrane, in float32.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void GoBack<TSlope, TStore>(
        TMembrane membrane, float alpha, float* h, TElement* spikeGradient, float* vGradient, TElement* xGradient, nint count)
        where TSlope : struct, ISlope<TSlope, T>
        where TStore : struct, IStore
    {
        var (slope, threshold) = (TSlope.Of(alpha), T.Splat(membrane.Threshold));
        for (nint i = 0; i < count; i += T.Count)
        {
            Rows.Prefetch(spikeGradient + i + count);
            var charged = T.Load(h + i);
            var over = charged - threshold;
            var steepness = slope.At(over);
            var before = membrane.BeforeReset(T.Load(vGradient + i), charged, T.Step(over), steepness);
            var gradient = TElement.Load<T>(spikeGradient + i) * steepness + before;
            var leaked = membrane.Leak(gradient);
            (gradient - leaked).Store(vGradient + i);
            var current = membrane.DecayInput ? leaked : gradient;
            current.Store(h + i);
            TStore.Put(current, xGradient + i);
        }
    }

    /// <summary>Adds each neuron's gradient of the current times its drive.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddDrive(
        TMembrane membrane, TElement* x, float* scale, float* shift, float* v, float* gradient, float* sum, nint count)
    {
        for (nint i = 0; i < count; i += T.Count)
        {
            var drive = membrane.Drive(T.Load(v + i), Current(x, scale, shift, i));
            (T.Load(sum + i) + T.Load(gradient + i) * drive).Store(sum + i);
        }
    }

    /// <summary>Adds each neuron's gradient g of the current, and g (x - mean).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddNormSums(TElement* x, float* mean, float* gradient, float* sum, float* weighted, nint count)
    {
        for (nint i = 0; i < count; i += T.Count)
        {
            var g = T.Load(gradient + i);
            (T.Load(sum + i) + g).Store(sum + i);
            T.MultiplyAdd(g, TElement.Load<T>(x + i) - T.Load(mean + i), T.Load(weighted + i)).Store(weighted + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T Current(TElement* x, float* scale, float* shift, nint i) =>
        T.MultiplyAdd(TElement.Load<T>(x + i), T.Load(scale + i), T.Load(shift + i));
}
