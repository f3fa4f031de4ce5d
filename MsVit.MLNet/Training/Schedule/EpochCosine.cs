namespace MsVit.MLNet;

/// <summary>One learning rate per epoch, as in timm's cosine schedule. The reference uses it for CIFAR and event recordings.</summary>
/// <remarks>
/// For epoch e (from 0) of E, with W epochs of warm-up, base b, warm-up start w0 and minimum m: below W the rate is w0 + e (b - w0) / W;
/// from W it is m + (b - m) / 2 (1 + cos(pi e / E)), which the warm-up does not shift, so that the rate drops a little where it ends; from
/// E, in the cooldown, m.
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
