using static TorchSharp.torch;

namespace MsVit.MLNet.Kernels;

/// <summary>What a fused pass needs to know about its layer.</summary>
/// <param name="Dynamics">The layer's constants.</param>
/// <param name="Rate">PLIF's sigmoid(w), or null for LIF.</param>
/// <param name="Width">The vector width.</param>
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

    /// <summary>The membrane of the published networks, or null if the layer has another one.</summary>
    public PublishedMembrane? Published { get; } =
        Dynamics is { ResetTo: 0, DecayInput: true, DetachReset: true, Levels: null }
        && (Rate ?? ExactInverse((float)Dynamics.Tau)) is { } rate
            ? new((float)Dynamics.Threshold, rate)
            : null;

    /// <summary>The membrane of integer neurons, or null if the layer has others.</summary>
    public IntegerMembrane? Integer { get; } = Dynamics.Levels is { } levels ? new(levels, (float)Dynamics.Decay) : null;

    /// <summary>The membrane in its general form, for every layer but one of integer neurons.</summary>
    public GeneralMembrane General { get; } =
        new(
            (float)Dynamics.Threshold, (float)(Dynamics.ResetTo ?? 0), Dynamics.DecayInput, Rate ?? (float)Dynamics.Tau, Rate is not null,
            Dynamics.ResetTo is null, Dynamics.DetachReset);

    private static float? ExactInverse(float tau) => float.IsPow2(tau) ? 1 / tau : null;
}
