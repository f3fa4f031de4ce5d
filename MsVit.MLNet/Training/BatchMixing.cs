namespace MsVit.MLNet;

/// <summary>Decides which batches are mixed, and how.</summary>
/// <param name="mixing">How the recipe mixes; null where it does not.</param>
/// <param name="seed">Of the draws.</param>
internal sealed class BatchMixing(Mixing? mixing, ulong seed)
{
    /// <summary>How a batch is mixed. It depends on seed, epoch and step alone.</summary>
    /// <param name="epoch">From 1.</param>
    /// <param name="step">Of the epoch, from 0.</param>
    /// <param name="shape">What one sample is.</param>
    public BatchMix Draw(int epoch, int step, SampleShape shape)
    {
        if (mixing is null || (mixing.OffEpoch > 0 && epoch > mixing.OffEpoch))
        {
            return BatchMix.None;
        }
        var random = RandomStream.For(RandomPurpose.Mixing, seed, (ulong)epoch, (ulong)step);
        if (random.NextSingle() >= mixing.Probability)
        {
            return BatchMix.None;
        }
        var cuts = mixing.CutMixAlpha > 0 && (mixing.MixupAlpha == 0 || random.NextSingle() < mixing.SwitchProbability);
        if (!cuts)
        {
            return new(BetaDraw.Next(mixing.MixupAlpha, ref random));
        }
        var lambda = BetaDraw.Next(mixing.CutMixAlpha, ref random);
        return CutMix.Box(shape.Height, shape.Width, lambda, random.NextInt(shape.Height), random.NextInt(shape.Width)) is { } box
            ? new(CutMix.Lambda(box, shape.Height, shape.Width), box)
            : BatchMix.None;
    }
}
