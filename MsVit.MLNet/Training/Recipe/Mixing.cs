namespace MsVit.MLNet;

/// <summary>How the samples of a batch are mixed with each other: by mixup, by CutMix, or by either at random.</summary>
/// <remarks>
/// Sample i of a batch of B is mixed with sample B-1-i, and so are their targets; one weight lambda ~ Beta(alpha, alpha) is drawn for the
/// batch. mixup (Zhang et al., ICLR 2018) takes the weighted mean of the two samples; CutMix (Yun et al., ICCV 2019) pastes a box of one
/// into the other. The middle sample of an odd batch is not changed.
/// </remarks>
public sealed record Mixing
{
    // Below the least alpha every lambda is 0 or 1; above the largest one a draw takes too many attempts.
    internal const double LeastAlpha = 0.05, LargestAlpha = 4;

    /// <summary>The alpha of mixup, 0.05 to 4, or 0 for no mixup. The default is 0.5.</summary>
    public double MixupAlpha { get; init; } = 0.5;

    /// <summary>The alpha of CutMix, 0.05 to 4, or 0 (the default) for no CutMix.</summary>
    public double CutMixAlpha { get; init; }

    /// <summary>The share of the batches that are mixed, 0 to 1. The default is 1.</summary>
    public double Probability { get; init; } = 1;

    /// <summary>If both are on, the share of the mixed batches that use CutMix, 0 to 1. The default is 0.5.</summary>
    public double SwitchProbability { get; init; } = 0.5;

    /// <summary>The epoch after which mixing stops, as in timm's mixup_off_epoch; 0 (the default) for never.</summary>
    public int OffEpoch { get; init; }

    /// <summary>Lists every value that is out of range.</summary>
    internal IEnumerable<string> ValidationErrors()
    {
        foreach (var (name, alpha) in new[] { (nameof(MixupAlpha), MixupAlpha), (nameof(CutMixAlpha), CutMixAlpha) })
        {
            if (!(alpha is 0 or >= LeastAlpha and <= LargestAlpha))
            {
                yield return $"{name} is {alpha}; it must be from {LeastAlpha} to {LargestAlpha}, or 0 for none.";
            }
        }
        if (MixupAlpha == 0 && CutMixAlpha == 0)
        {
            yield return "MixupAlpha and CutMixAlpha are both 0; at least one must be above 0.";
        }
        if (!(Probability is >= 0 and <= 1))
        {
            yield return $"Probability is {Probability}; it must be from 0 to 1.";
        }
        if (!(SwitchProbability is >= 0 and <= 1))
        {
            yield return $"SwitchProbability is {SwitchProbability}; it must be from 0 to 1.";
        }
        if (OffEpoch < 0)
        {
            yield return $"OffEpoch is {OffEpoch}; it must be 1 or more, or 0 for never.";
        }
    }
}
