namespace MsVit.MLNet;

/// <summary>How the samples of a batch are mixed with each other: mixup, CutMix, or now one, now the other.</summary>
/// <remarks>
/// Sample i is mixed with sample B-1-i, with one weight lambda ~ Beta(alpha, alpha) for the batch, and so are the targets. mixup (Zhang et
/// al., ICLR 2018) takes the weighted mean of the two, CutMix (Yun et al., ICCV 2019) puts a box of the one into the other. The middle sample of
/// an odd batch stays as it is.
/// </remarks>
public sealed record Mixing
{
    /// <summary>Alpha of mixup, 0.05 to 4, or 0 for no mixup. The default is 0.5.</summary>
    public double MixupAlpha { get; init; } = 0.5;

    /// <summary>Alpha of CutMix, 0.05 to 4, or 0 (the default) for no CutMix.</summary>
    public double CutMixAlpha { get; init; }

    /// <summary>The share of the batches that are mixed, 0 to 1. The default is 1.</summary>
    public double Probability { get; init; } = 1;

    /// <summary>Where both are on, the share of the mixed batches that take CutMix, 0 to 1. The default is 0.5.</summary>
    public double SwitchProbability { get; init; } = 0.5;

    /// <summary>The number of epochs after which nothing is mixed any more, as timm's mixup_off_epoch; 0 (the default) for never.</summary>
    public int OffEpoch { get; init; }

    /// <summary>Names every value that is out of its range.</summary>
    internal IEnumerable<string> Faults()
    {
        foreach (var (name, alpha) in new[] { (nameof(MixupAlpha), MixupAlpha), (nameof(CutMixAlpha), CutMixAlpha) })
        {
            if (!(alpha is 0 or >= BetaDraw.LeastAlpha and <= BetaDraw.LargestAlpha))
            {
                yield return $"{name} is {alpha}; it must be from {BetaDraw.LeastAlpha} to {BetaDraw.LargestAlpha}, or 0 for none.";
            }
        }
        if (MixupAlpha == 0 && CutMixAlpha == 0)
        {
            yield return "MixupAlpha and CutMixAlpha are both 0; one must be above it.";
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
