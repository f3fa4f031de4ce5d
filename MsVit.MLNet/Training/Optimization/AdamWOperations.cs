using static TorchSharp.torch;

namespace MsVit.MLNet.Training.Optimization;

/// <summary>One step of AdamW for one parameter as torch operations: for other devices, and for gradients in another order than their parameter.</summary>
internal static class AdamWOperations
{
    /// <summary>Changes the parameter and its moments in place; without a graph.</summary>
    public static void Run(LearnedParameter learned, Tensor gradient, AdamWFactors factors)
    {
        var scaled = factors.GradientScale == 1 ? gradient : gradient * factors.GradientScale;
        learned.Parameter.mul_(factors.Keep);
        learned.Mean.mul_(factors.Beta1).add_(scaled, alpha: factors.New1);
        learned.Square.mul_(factors.Beta2).addcmul_(scaled, scaled, factors.New2);
        var root = learned.Square.sqrt().div_(factors.Root).add_(factors.Eps);
        learned.Parameter.addcdiv_(learned.Mean, root, factors.Size);
    }
}
