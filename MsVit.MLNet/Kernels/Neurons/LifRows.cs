using System.Runtime.CompilerServices;

namespace MsVit.MLNet.Kernels;

/// <summary>The inner loops of LIF, each over one time step of a block of neurons. The count is a multiple of the lanes.</summary>
/// <remarks>
/// The loops run over whole rows and not over all time steps of a vector, because rows that are a power of two apart compete for the
/// same cache sets. While one block is processed, the rows of the next one are prefetched. A current is scale x + shift.
/// </remarks>
internal static unsafe class LifRows<T, TMembrane, TElement>
    where T : struct, ILanes<T>
    where TMembrane : struct, IMembrane
    where TElement : unmanaged, IElement<TElement>
{
    /// <summary>Charge, fire and reset.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Fire<TStore>(TMembrane membrane, TElement* x, float* scale, float* shift, float* v, TElement* spikes, nint count)
        where TStore : struct, IStore
    {
        for (nint i = 0; i < count; i += T.Count)
        {
            Rows.Prefetch(x + i + count);
            var h = membrane.Charge(T.Load(v + i), Current(x, scale, shift, i));
            var spike = membrane.Fire(h - T.Splat(membrane.Threshold));
            membrane.Reset(h, spike).Store(v + i);
            TStore.Put(spike, spikes + i);
        }
    }

    /// <summary>The same, but writes the spikes plus the residual.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void FireAndAdd<TStore>(
        TMembrane membrane, TElement* x, float* scale, float* shift, float* v, TElement* residual, TElement* sum, nint count)
        where TStore : struct, IStore
    {
        for (nint i = 0; i < count; i += T.Count)
        {
            Rows.Prefetch(x + i + count);
            Rows.Prefetch(residual + i + count);
            var h = membrane.Charge(T.Load(v + i), Current(x, scale, shift, i));
            var spike = membrane.Fire(h - T.Splat(membrane.Threshold));
            membrane.Reset(h, spike).Store(v + i);
            TStore.Put(TElement.Load<T>(residual + i) + spike, sum + i);
        }
    }

    /// <summary>Charge and reset, keeping the charged membrane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Charge(TMembrane membrane, TElement* x, float* scale, float* shift, float* v, float* h, float* nextV, nint count)
    {
        for (nint i = 0; i < count; i += T.Count)
        {
            Rows.Prefetch(x + i + count);
            var charged = membrane.Charge(T.Load(v + i), Current(x, scale, shift, i));
            charged.Store(h + i);
            membrane.Reset(charged, membrane.Fire(charged - T.Splat(membrane.Threshold))).Store(nextV + i);
        }
    }

    /// <summary>From the gradients of the spikes and of the next membrane to those of the current and of the previous membrane.</summary>
    /// <remarks>The gradient of the current also replaces the charged membrane, in float32.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Backward<TSlope, TStore>(
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
            var before = membrane.BeforeReset(T.Load(vGradient + i), charged, membrane.Fire(over), steepness);
            var gradient = TElement.Load<T>(spikeGradient + i) * steepness + before;
            var leaked = membrane.Leak(gradient);
            (gradient - leaked).Store(vGradient + i);
            var current = membrane.DecayInput ? leaked : gradient;
            current.Store(h + i);
            TStore.Put(current, xGradient + i);
        }
    }

    /// <summary>Adds, for each neuron, the gradient of its current times its drive.</summary>
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

    /// <summary>Adds, for each neuron, g, the gradient of its current, and g (x - mean).</summary>
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
