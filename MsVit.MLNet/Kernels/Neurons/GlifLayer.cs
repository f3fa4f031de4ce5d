using System.Runtime.CompilerServices;
using static TorchSharp.torch;

namespace MsVit.MLNet.Kernels;

/// <summary>What a fused pass needs to know about its GLIF layer.</summary>
/// <param name="Membrane">The scalars.</param>
/// <param name="Gains">The factors of the input, one per time step.</param>
/// <param name="Surrogate">Sigmoid or ATan if a gradient is requested.</param>
/// <param name="Width">The vector width.</param>
internal sealed record GlifLayer(GlifMembrane Membrane, float[] Gains, Surrogate Surrogate, LaneWidth Width)
{
    /// <summary>The number of scalars besides the gains.</summary>
    public const int Scalars = 5;

    /// <summary>Reads the T gains and, in the order of <see cref="GlifMembrane"/>, the scalars, [T + 5].</summary>
    public static GlifLayer Of(Tensor scalars, Surrogate surrogate, LaneWidth width)
    {
        using var detached = scalars.detach();
        var values = detached.data<float>().ToArray();
        return values[^Scalars..] is [var keep, var leak, var threshold, var resetShare, var drop]
            ? new(new(keep, leak, threshold, resetShare, drop), values[..^Scalars], surrogate, width)
            : throw new ArgumentException(
                $"A GLIF layer has {Scalars} scalars besides its gains; got {values.Length} values in all.", nameof(scalars));
    }
}

/// <summary>A GLIF layer's scalars and equations, operation for operation as in the layer composed of torch operations.</summary>
/// <param name="Keep">The fraction of the membrane that remains after a time step.</param>
/// <param name="Leak">What a time step subtracts from the membrane.</param>
/// <param name="Threshold">The potential at which a neuron fires.</param>
/// <param name="ResetShare">S(gamma): the fraction of the remaining membrane that a spike subtracts.</param>
/// <param name="Drop">What a spike subtracts from the membrane in addition.</param>
internal readonly record struct GlifMembrane(float Keep, float Leak, float Threshold, float ResetShare, float Drop)
{
    /// <summary>The membrane minus the threshold.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Over<T>(T h)
        where T : struct, ILanes<T> => h - T.Splat(Threshold);

    /// <summary>The membrane at the first time step.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Start<T>(T x, float gain)
        where T : struct, ILanes<T> => x * T.Splat(gain) - T.Splat(Leak);

    /// <summary>The membrane one time step after <paramref name="v"/>, which fired if it reached the threshold.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Charge<T>(T v, T x, float gain)
        where T : struct, ILanes<T>
    {
        var spike = T.Step(Over(v));
        var kept = T.Splat(Keep) * v;
        return Start(x, gain) + kept - kept * T.Splat(ResetShare) * spike - T.Splat(Drop) * spike;
    }

    /// <summary>The gradient of a membrane, from those of its spike and of the membrane one time step later.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Gradient<T>(T h, T over, T slope, T ofSpike, T ofNext)
        where T : struct, ILanes<T>
    {
        // A spike subtracts both from the next membrane.
        var taken = T.MultiplyAdd(h, T.Splat(Keep * ResetShare), T.Splat(Drop));
        var left = T.Splat(Keep) - T.Splat(Keep * ResetShare) * T.Step(over);
        return (ofSpike - ofNext * taken) * slope + ofNext * left;
    }
}
