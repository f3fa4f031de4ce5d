namespace MsVit.MLNet.Kernels;

/// <summary>The numbers of one step of AdamW for one parameter: computed in float64, rounded once, as torch does.</summary>
/// <param name="GradientScale">What the gradient is multiplied by first.</param>
/// <param name="Keep">1 - rate * decay.</param>
/// <param name="Beta1">Of the mean.</param>
/// <param name="New1">1 - beta1.</param>
/// <param name="Beta2">Of the square.</param>
/// <param name="New2">1 - beta2.</param>
/// <param name="Root">sqrt(1 - beta2^t).</param>
/// <param name="Eps">Added to the root.</param>
/// <param name="Size">-rate / (1 - beta1^t).</param>
internal readonly record struct AdamWFactors(
    float GradientScale, float Keep, float Beta1, float New1, float Beta2, float New2, float Root, float Eps, float Size)
{
    /// <param name="options">Of the optimizer.</param>
    /// <param name="learned">The parameter.</param>
    /// <param name="learningRate">Before the parameter's own factor.</param>
    /// <param name="gradientScale">What the gradient is multiplied by.</param>
    /// <param name="step">t, from 1.</param>
    public static AdamWFactors Of(AdamWOptions options, LearnedParameter learned, double learningRate, double gradientScale, long step)
    {
        var rate = learningRate * learned.Rate;
        return new(
            (float)gradientScale,
            (float)(1 - rate * learned.WeightDecay),
            (float)options.Beta1,
            (float)(1 - options.Beta1),
            (float)options.Beta2,
            (float)(1 - options.Beta2),
            (float)Math.Sqrt(1 - Math.Pow(options.Beta2, step)),
            (float)options.Eps,
            (float)(-rate / (1 - Math.Pow(options.Beta1, step))));
    }
}
