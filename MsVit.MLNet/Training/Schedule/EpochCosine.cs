namespace MsVit.MLNet;

/// <summary>A rate for each epoch, as timm's cosine schedule gives it, the schedule of the reference on CIFAR and event recordings.</summary>
/// <remarks>
/// Epoch e, from 0, of E with W of warm-up, base b, start w0 and minimum m: below W it is w0 + e (b - w0) / W; from W on m + (b - m) / 2
/// (1 + cos(pi e / E)), which the warm-up does not shift, so that the rate falls a little at its end; from E on, in the cooldown, m.
/// </remarks>
/// <param name="Base">b, above 0.</param>
/// <param name="Minimum">m, 0 to b.</param>
/// <param name="WarmupStart">w0, 0 to b.</param>
/// <param name="WarmupEpochs">W, 0 or more.</param>
/// <param name="Epochs">E, 1 or more, without the cooldown.</param>
/// <param name="StepsPerEpoch">Optimizer steps of one epoch, 1 or more.</param>
internal sealed record EpochCosine(double Base, double Minimum, double WarmupStart, int WarmupEpochs, int Epochs, int StepsPerEpoch)
    : ILearningRateSchedule
{
    /// <inheritdoc/>
    public double At(long step)
    {
        var epoch = step / StepsPerEpoch;
        return epoch < WarmupEpochs ? WarmupStart + epoch * ((Base - WarmupStart) / WarmupEpochs)
            : epoch < Epochs ? Minimum + (Base - Minimum) / 2 * (1 + Math.Cos(Math.PI * epoch / Epochs))
            : Minimum;
    }
}
