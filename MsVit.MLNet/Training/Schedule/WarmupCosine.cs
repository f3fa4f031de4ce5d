namespace MsVit.MLNet;

/// <summary>The learning rate as a pure function of the step: a linear warm-up, then half a cosine down to the minimum.</summary>
/// <remarks>
/// With W warm-up steps of S in all, peak p and minimum m: step s below W has p (s + 1) / (W + 1); from W on it has
/// m + (p - m) / 2 (1 + cos(pi (s - W) / (S - W))). This is the schedule of the reference's ImageNet recipe, by step.
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
