namespace MsVit.MLNet;

/// <summary>
/// One learning rate per step: a linear warm-up from 0, then half a cosine. This is MAE's schedule; the reference uses it for ImageNet.
/// </summary>
/// <remarks>
/// After e of E epochs (a fraction), with W epochs of warm-up, base b and minimum m: below W the rate is b e / W; then it is m + (b - m) /
/// 2 (1 + cos(pi (e - W) / (E - W))). He et al., "Masked Autoencoders Are Scalable Vision Learners", CVPR 2022. Their base is for a batch
/// of 256: use b = base * batch / 256.
/// </remarks>
/// <param name="Base">b, above 0.</param>
/// <param name="Minimum">m, 0 to b.</param>
/// <param name="WarmupEpochs">W, 0 to below E.</param>
/// <param name="Epochs">E, 1 or more.</param>
/// <param name="StepsPerEpoch">Optimizer steps of one epoch, 1 or more.</param>
internal sealed record StepHalfCosine(double Base, double Minimum, double WarmupEpochs, double Epochs, int StepsPerEpoch)
    : ILearningRateSchedule
{
    /// <inheritdoc/>
    public double At(long step) => AtEpoch((double)step / StepsPerEpoch);

    /// <summary>The rate after a number of epochs, 0 or more; fractions are allowed.</summary>
    public double AtEpoch(double epoch) =>
        epoch < WarmupEpochs ? Base * epoch / WarmupEpochs
        : epoch < Epochs ? Minimum + (Base - Minimum) / 2 * (1 + Math.Cos(Math.PI * (epoch - WarmupEpochs) / (Epochs - WarmupEpochs)))
        : Minimum;
}
