using MsVit.MLNet.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>
/// One step of AdamW for one parameter with torch operations: for other devices, and for gradients whose memory order differs from the
/// parameter's.
/// </summary>
internal static class AdamWOperations
{
    /// <summary>Updates the parameter and its moments in place, without a graph.</summary>
    public static void Run(LearnedParameter learned, Tensor gradient, AdamWFactors factors)
    {
        using Scalar scale = factors.GradientScale.ToScalar(), keep = factors.Keep.ToScalar();
        using Scalar beta1 = factors.Beta1.ToScalar(), new1 = factors.New1.ToScalar();
        using Scalar beta2 = factors.Beta2.ToScalar(), new2 = factors.New2.ToScalar();
        using Scalar divisor = factors.Root.ToScalar(), eps = factors.Eps.ToScalar();
        using var size = factors.Size.ToScalar();
        var scaled = factors.GradientScale == 1 ? gradient : gradient.mul(scale);
        learned.Parameter.mul_(keep);
        learned.Mean.mul_(beta1).add_(scaled, alpha: new1);
        learned.Square.mul_(beta2).addcmul_(scaled, scaled, new2);
        var root = learned.Square.sqrt().div_(divisor).add_(eps, SharedScalars.One);
        learned.Parameter.addcdiv_(learned.Mean, root, size);
    }
}
