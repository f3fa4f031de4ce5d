using static TorchSharp.torch;

namespace MsVit.MLNet.Kernels;

/// <summary>What a fused pass knows of its layer.</summary>
/// <param name="Dynamics">The layer's constants.</param>
/// <param name="Rate">PLIF's sigmoid(w), or null for LIF.</param>
/// <param name="Width">How many neurons to take at a time.</param>
internal sealed record FusedLayer(LifDynamics Dynamics, float? Rate, LaneWidth Width)
{
    public static FusedLayer Of(LifDynamics dynamics, Tensor? w, LaneWidth width)
    {
        if (w is null)
        {
            return new(dynamics, null, width);
        }
        using var noGrad = no_grad();
        using var rate = w.sigmoid();
        return new(dynamics, rate.item<float>(), width);
    }

    /// <summary>The membrane, where it is that of the published networks.</summary>
    public PublishedMembrane? Published { get; } =
        Dynamics is { ResetTo: 0, DecayInput: true, DetachReset: true } && (Rate ?? ExactInverse((float)Dynamics.Tau)) is { } rate
            ? new((float)Dynamics.Threshold, rate)
            : null;

    /// <summary>The membrane in any case.</summary>
    public GeneralMembrane General { get; } =
        new(
            (float)Dynamics.Threshold, (float)(Dynamics.ResetTo ?? 0), Dynamics.DecayInput, Rate ?? (float)Dynamics.Tau, Rate is not null,
            Dynamics.ResetTo is null, Dynamics.DetachReset);

    private static float? ExactInverse(float tau) => float.IsPow2(tau) ? 1 / tau : null;
}
