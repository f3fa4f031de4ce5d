using System.Runtime.CompilerServices;

namespace MsVit.MLNet.Kernels;

/// <summary>Sums over the neurons of a block for the gradients of a GLIF layer's scalars.</summary>
/// <remarks>
/// Each sum has sixteen parts: neuron i is added to part i mod 16, in the order of i. So all widths give the same bits, and the parts
/// stay in registers.
/// </remarks>
internal static unsafe class GlifSums
{
    /// <summary>The number of parts of each sum.</summary>
    public const int Parts = 16;

    /// <summary>Adds g, the gradient of the membrane, and g x.</summary>
    public static void AddCurrents<T, TElement>(float* gradient, TElement* x, float* sum, float* weighted, nint count)
        where T : struct, ILanes<T>
        where TElement : unmanaged, IElement<TElement>
    {
        var whole = count - count % Parts;
        AddCurrents<T, TElement>(gradient, x, sum, weighted, whole, Parts);
        AddCurrents<LanesScalar, TElement>(gradient + whole, x + whole, sum, weighted, count - whole, count - whole);
    }

    /// <summary>Adds g v, g v s and g s, with v the membrane one time step earlier and s its spike.</summary>
    public static void AddCarried<T>(GlifMembrane membrane, float* gradient, float* v, float* kept, float* cut, float* spiked, nint count)
        where T : struct, ILanes<T>
    {
        var whole = count - count % Parts;
        AddCarried<T>(membrane, gradient, v, kept, cut, spiked, whole, Parts);
        AddCarried<LanesScalar>(membrane, gradient + whole, v + whole, kept, cut, spiked, count - whole, count - whole);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddCurrents<T, TElement>(float* gradient, TElement* x, float* sum, float* weighted, nint count, nint parts)
        where T : struct, ILanes<T>
        where TElement : unmanaged, IElement<TElement>
    {
        for (nint part = 0; part < parts; part += T.Count)
        {
            var (ofSum, ofWeighted) = (T.Load(sum + part), T.Load(weighted + part));
            for (var i = part; i < count; i += Parts)
            {
                var g = T.Load(gradient + i);
                ofSum += g;
                ofWeighted = T.MultiplyAdd(g, TElement.Load<T>(x + i), ofWeighted);
            }
            ofSum.Store(sum + part);
            ofWeighted.Store(weighted + part);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddCarried<T>(
        GlifMembrane membrane, float* gradient, float* v, float* kept, float* cut, float* spiked, nint count, nint parts)
        where T : struct, ILanes<T>
    {
        for (nint part = 0; part < parts; part += T.Count)
        {
            var (ofKept, ofCut, ofSpiked) = (T.Load(kept + part), T.Load(cut + part), T.Load(spiked + part));
            for (var i = part; i < count; i += Parts)
            {
                var before = T.Load(v + i);
                var g = T.Load(gradient + i);
                var taken = g * T.Step(membrane.Over(before));
                ofKept = T.MultiplyAdd(g, before, ofKept);
                ofCut = T.MultiplyAdd(taken, before, ofCut);
                ofSpiked += taken;
            }
            ofKept.Store(kept + part);
            ofCut.Store(cut + part);
            ofSpiked.Store(spiked + part);
        }
    }
}
