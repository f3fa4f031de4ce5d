using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MsVit.MLNet.Network.Blocks;

/// <summary>A convolution and the batch norm behind it, in evaluation mode, as one convolution with a bias.</summary>
/// <remarks>
/// With w, b of the convolution (b = 0 where it has none) and the batch norm's gamma, beta, mean, variance:
/// <code>
/// scale = gamma / sqrt(variance + eps)      w' = scale w      b' = scale (b - mean) + beta
/// </code>
/// in float64 on the processor, rounded once, so that the same weights give the same bits wherever the network lies.
/// </remarks>
internal sealed class FoldedConv : IDisposable
{
    private readonly Conv _conv;
    private readonly Tensor _weight, _bias;

    /// <summary>Folds the weights as they are now.</summary>
    public FoldedConv(Conv conv, BatchNorm norm)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var scale = Exact(norm.weight!) / (Exact(norm.running_var!) + norm.eps).sqrt();              // [Cout]
        var weight = Exact(conv.Weight) * scale.view([-1, .. conv.Weight.shape.Skip(1).Select(_ => 1L)]);
        var shift = conv.Bias is null ? -Exact(norm.running_mean!) : Exact(conv.Bias) - Exact(norm.running_mean!);
        _conv = conv;
        _weight = Like(conv.Weight, weight);
        _bias = Like(conv.Weight, shift * scale + Exact(norm.bias!));
    }

    /// <summary>[B, Cin, ...] to [B, Cout, ...], normalised; without a graph for gradients of the weights.</summary>
    public Tensor Forward(Tensor input) => _conv.Convolve(input, _weight, _bias);

    /// <inheritdoc/>
    public void Dispose()
    {
        _weight.Dispose();
        _bias.Dispose();
    }

    private static Tensor Exact(Tensor tensor) => tensor.detach().cpu().to(ScalarType.Float64);

    private static Tensor Like(Tensor model, Tensor values) => values.to(model.dtype).to(model.device).DetachFromDisposeScope();
}
