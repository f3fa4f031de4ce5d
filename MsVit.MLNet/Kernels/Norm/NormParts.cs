using static TorchSharp.torch;

namespace MsVit.MLNet.Kernels;

/// <summary>Memory for what kernels store for a batch norm in one forward and backward pass.</summary>
/// <param name="statistics">[4 C], float32.</param>
/// <param name="gammaGradient">[C], float32.</param>
/// <param name="betaGradient">[C], float32.</param>
internal sealed class NormParts(Tensor statistics, Tensor gammaGradient, Tensor betaGradient)
{
    /// <summary>What the backward pass needs of the forward pass.</summary>
    public Tensor Statistics => statistics;

    /// <summary>The gradient of the norm's scale.</summary>
    public Tensor GammaGradient => gammaGradient;

    /// <summary>The gradient of the norm's shift.</summary>
    public Tensor BetaGradient => betaGradient;

    /// <summary>Whether the gradients are stored. They are not returned to autograd then.</summary>
    public bool HasGradients { get; set; }
}
