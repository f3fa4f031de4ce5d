using MsVit.MLNet.Kernels;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>
/// The neurons of an attention: they turn its scores or products, [T, B, C, N], into spikes. A batch norm may come first.
/// </summary>
/// <remarks>
/// Sums of many spikes have a mean and a spread that grow with width and resolution, and a fixed threshold suits few of them: in small
/// networks the mask of token attention fires for nearly every token, and self-attention for almost none. The batch norm makes the
/// neurons informative at every size. Its parts are registered in the attention as attn_bn and attn_lif.
/// </remarks>
internal sealed class AttentionNeurons
{
    /// <summary>The name of the batch norm within the attention.</summary>
    public const string NormName = "attn_bn";

    private const int ChannelAxis = 2;

    private readonly BatchNorm? _norm;
    private readonly nn.Module<Tensor, Pass, Tensor> _neuron;

    /// <param name="owner">The attention.</param>
    /// <param name="neuron">The neurons.</param>
    /// <param name="channels">The channels that are normalized: the heads, or C. 0 for no batch norm.</param>
    public AttentionNeurons(nn.Module owner, nn.Module<Tensor, Pass, Tensor> neuron, int channels)
    {
        _neuron = neuron;
        if (channels > 0)
        {
            _norm = nn.BatchNorm1d(channels, device: CPU);
            owner.register_module(NormName, _norm);
        }
        owner.register_module("attn_lif", neuron);
    }

    /// <summary>[T, B, C, N] or [T, B, heads, C/heads, N], float32, to spikes of that shape.</summary>
    public Tensor Fire(Tensor x, ForwardContext context)
    {
        using var scope = NewDisposeScope();
        if (_norm is null)
        {
            return scope.MoveToOuter(context.Fire(_neuron, x));
        }
        var spikes = x.dim() == 4 ? Normed(_norm, x, context)
            : Normed(_norm, x.flatten(2, 3), context).unflatten(2, x.shape[2], x.shape[3]);
        return scope.MoveToOuter(context.Fired(_neuron, spikes));
    }

    private Tensor Normed(BatchNorm norm, Tensor x, ForwardContext context)
    {
        var (pass, layer) = (context.Pass, _neuron as ILifLayer);
        using var scope = NewDisposeScope();
        if (context.FoldOf(norm) is { } folded)
        {
            return scope.MoveToOuter(pass.TakesCpuPaths && layer is not null && FusedLif.Covers(x, layer.Dynamics, layer.W)
                ? FusedLif.FireWithResidual(x, ChannelAxis, folded.Affine, layer, residual: null)
                : _neuron.call(folded.Apply(x), pass));
        }
        if (pass.TakesCpuPaths && layer is not null && FusedNormLif.Covers(x, norm, layer))
        {
            return scope.MoveToOuter(FusedNormLif.Fire(x, ChannelAxis, norm, layer, pass, tracks: context.Tracks));
        }
        var normed = norm.Normalize(x.flatten(0, 1), context.Tracks, pass).unflatten(0, x.shape[0], x.shape[1]);
        return scope.MoveToOuter(_neuron.call(normed, pass));
    }
}
