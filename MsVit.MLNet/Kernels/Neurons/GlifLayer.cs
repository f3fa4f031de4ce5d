using static TorchSharp.torch;

namespace MsVit.MLNet.Kernels;

/// <summary>What a fused pass knows of its GLIF layer.</summary>
/// <param name="Membrane">The scalars.</param>
/// <param name="Gains">What the input is multiplied with, one a time step.</param>
/// <param name="Surrogate">Sigmoid or ATan where a gradient is asked for.</param>
/// <param name="Width">How many neurons to take at a time.</param>
internal sealed record GlifLayer(GlifMembrane Membrane, float[] Gains, Surrogate Surrogate, LaneWidth Width)
{
    /// <summary>How many scalars there are beside the gains.</summary>
    public const int Scalars = 5;

    /// <summary>Reads the T gains and, in the order of <see cref="GlifMembrane"/>, the scalars, [T + 5].</summary>
    public static GlifLayer Of(Tensor scalars, Surrogate surrogate, LaneWidth width)
    {
        using var detached = scalars.detach();
        var values = detached.data<float>().ToArray();
        return values[^Scalars..] is [var keep, var leak, var threshold, var resetShare, var drop]
            ? new(new(keep, leak, threshold, resetShare, drop), values[..^Scalars], surrogate, width)
            : throw new ArgumentException($"A GLIF layer has {Scalars} scalars beside its gains; got {values.Length} values in all.", nameof(scalars));
    }
}
