namespace MsVit.MLNet;

/// <summary>One learning rate per step: a linear warm-up, then half a cosine down to the minimum.</summary>
/// <remarks>
/// With W warm-up steps of S steps, peak p and minimum m: the rate of step s is p (s + 1) / (W + 1) below W; from W it is m + (p - m) / 2
/// (1 + cos(pi (s - W) / (S - W))).
/// </remarks>
internal readonly record struct WarmupCosine(double Peak, double Minimum, long WarmupSteps, long TotalSteps) : ILearningRateSchedule
{
    /// <inheritdoc/>
    public double At(long step)
    {
        if (step < WarmupSteps)
        {
            return Peak * (step + 1) / (WarmupSteps + 1);
        }
        if (step >= TotalSteps)
        {
            return Minimum;
        }
        var progress = (double)(step - WarmupSteps) / (TotalSteps - WarmupSteps);
        return Minimum + (Peak - Minimum) / 2 * (1 + Math.Cos(Math.PI * progress));
    }
}
