using System.Runtime.CompilerServices;

namespace MsVit.MLNet.Kernels;

/// <summary>The inner loops of GLIF, each over one time step of a block of neurons. The count is a multiple of the lanes.</summary>
/// <remarks>
/// The loops run over whole rows. The sums have separate loops (<see cref="GlifSums"/>), because the JIT compiler inlines a limited
/// number of calls. While one block is processed, the rows of the next one are prefetched.
/// </remarks>
internal static unsafe class GlifRows<T, TElement>
    where T : struct, ILanes<T>
    where TElement : unmanaged, IElement<TElement>
{
    /// <summary>The first time step: charge and fire.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Start<TStore>(GlifMembrane membrane, float gain, TElement* x, float* v, TElement* spikes, nint count)
        where TStore : struct, IStore
    {
        for (nint i = 0; i < count; i += T.Count)
        {
            Rows.Prefetch(x + i + count);
            var h = membrane.Start(TElement.Load<T>(x + i), gain);
            h.Store(v + i);
            TStore.Put(T.Step(membrane.Over(h)), spikes + i);
        }
    }

    /// <summary>A later time step: reset what fired before, charge and fire.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Fire<TStore>(GlifMembrane membrane, float gain, TElement* x, float* v, TElement* spikes, nint count)
        where TStore : struct, IStore
    {
        for (nint i = 0; i < count; i += T.Count)
        {
            Rows.Prefetch(x + i + count);
            var h = membrane.Charge(T.Load(v + i), TElement.Load<T>(x + i), gain);
            h.Store(v + i);
            TStore.Put(T.Step(membrane.Over(h)), spikes + i);
        }
    }

    /// <summary>The membrane at the first time step.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ChargeFirst(GlifMembrane membrane, float gain, TElement* x, float* h, nint count)
    {
        for (nint i = 0; i < count; i += T.Count)
        {
            Rows.Prefetch(x + i + count);
            membrane.Start(TElement.Load<T>(x + i), gain).Store(h + i);
        }
    }

    /// <summary>The membrane at a later time step.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Charge(GlifMembrane membrane, float gain, TElement* x, float* v, float* h, nint count)
    {
        for (nint i = 0; i < count; i += T.Count)
        {
            Rows.Prefetch(x + i + count);
            membrane.Charge(T.Load(v + i), TElement.Load<T>(x + i), gain).Store(h + i);
        }
    }

    /// <summary>The last time step: from the gradients of the spikes to those of the input and of the membrane, in its place.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void BackwardLast<TSlope, TStore>(
        GlifMembrane membrane, float gain, float alpha, float* h, TElement* spikeGradient, TElement* xGradient, nint count)
        where TSlope : struct, ISlope<TSlope, T>
        where TStore : struct, IStore
    {
        var slope = TSlope.Of(alpha);
        for (nint i = 0; i < count; i += T.Count)
        {
            Rows.Prefetch(spikeGradient + i + count);
            var gradient = TElement.Load<T>(spikeGradient + i) * slope.At(membrane.Over(T.Load(h + i)));
            gradient.Store(h + i);
            TStore.Put(gradient * T.Splat(gain), xGradient + i);
        }
    }

    /// <summary>An earlier time step: the same, with the gradient of the membrane one time step later.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Backward<TSlope, TStore>(
        GlifMembrane membrane, float gain, float alpha, float* h, float* next, TElement* spikeGradient, TElement* xGradient, nint count)
        where TSlope : struct, ISlope<TSlope, T>
        where TStore : struct, IStore
    {
        var slope = TSlope.Of(alpha);
        for (nint i = 0; i < count; i += T.Count)
        {
            Rows.Prefetch(spikeGradient + i + count);
            var charged = T.Load(h + i);
            var over = membrane.Over(charged);
            var gradient = membrane.Gradient(charged, over, slope.At(over), TElement.Load<T>(spikeGradient + i), T.Load(next + i));
            gradient.Store(h + i);
            TStore.Put(gradient * T.Splat(gain), xGradient + i);
        }
    }
}
