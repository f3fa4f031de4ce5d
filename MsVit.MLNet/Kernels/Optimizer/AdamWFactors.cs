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
    /// <param name="beta1">How much of the mean gradient is kept a step.</param>
    /// <param name="beta2">How much of the mean squared gradient is kept a step.</param>
    /// <param name="eps">Added to the root of the mean square.</param>
    /// <param name="rate">The parameter's learning rate.</param>
    /// <param name="weightDecay">The parameter's decoupled decay.</param>
    /// <param name="gradientScale">What the gradient is multiplied by.</param>
    /// <param name="step">t, from 1.</param>
    public static AdamWFactors Of(
        double beta1, double beta2, double eps, double rate, double weightDecay, double gradientScale, long step) => new(
        (float)gradientScale,
        (float)(1 - rate * weightDecay),
        (float)beta1,
        (float)(1 - beta1),
        (float)beta2,
        (float)(1 - beta2),
        (float)Math.Sqrt(1 - Math.Pow(beta2, step)),
        (float)eps,
        (float)(-rate / (1 - Math.Pow(beta1, step))));
}
