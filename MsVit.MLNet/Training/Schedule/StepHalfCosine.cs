namespace MsVit.MLNet;

/// <summary>A rate for each step: a linear warm-up from 0, then half a cosine; MAE's schedule, the reference's on ImageNet.</summary>
/// <remarks>
/// With e the epochs done, a fraction, of E with W of warm-up, base b and minimum m: below W it is b e / W; then m + (b - m) / 2 (1 + cos(pi (e -
/// W) / (E - W))). He et al., "Masked Autoencoders Are Scalable Vision Learners", CVPR 2022; its base is for a batch of 256: give
/// b = base * batch / 256.
/// </remarks>
/// <param name="Base">b, above 0.</param>
/// <param name="Minimum">m, 0 to b.</param>
/// <param name="WarmupEpochs">W, 0 to below E.</param>
/// <param name="Epochs">E, 1 or more.</param>
/// <param name="StepsPerEpoch">Optimizer steps of one epoch, 1 or more.</param>
internal sealed record StepHalfCosine(double Base, double Minimum, double WarmupEpochs, double Epochs, int StepsPerEpoch) : ILearningRateSchedule
{
    /// <inheritdoc/>
    public double At(long step) => AtEpoch((double)step / StepsPerEpoch);

    /// <summary>The rate after so many epochs, 0 or more, a fraction.</summary>
    public double AtEpoch(double epoch) =>
        epoch < WarmupEpochs ? Base * epoch / WarmupEpochs
        : epoch < Epochs ? Minimum + (Base - Minimum) / 2 * (1 + Math.Cos(Math.PI * (epoch - WarmupEpochs) / (Epochs - WarmupEpochs)))
        : Minimum;
}
