using MsVit.MLNet.Network.Pooling;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MsVit.MLNet.Network.Blocks;

/// <summary>The unit that everything is built of: convolution, batch norm, max-pool where asked for, neurons.</summary>
/// <remarks>
/// Its parts are registered in the module that owns it, as name_conv, name_bn and name_lif, which are the reference's names.
/// The pool (3, stride 2, padding 1) stands between batch norm and neuron.
/// </remarks>
internal sealed class SpikingConv
{
    private const string ConvEnding = "_conv", NormEnding = "_bn";

    private readonly Conv _conv;
    private readonly BatchNorm _bn;
    private readonly nn.Module<Tensor, Tensor> _neuron;
    private readonly bool _pool;

    /// <param name="owner">The module under whose name the parts are stored.</param>
    /// <param name="name">The first part of their names.</param>
    /// <param name="conv">The convolution.</param>
    /// <param name="neuron">The neurons.</param>
    /// <param name="pool">Whether to halve height and width.</param>
    public SpikingConv(nn.Module owner, string name, Conv conv, nn.Module<Tensor, Tensor> neuron, bool pool = false)
    {
        var channels = conv.Weight.shape[0];
        _conv = conv;
        _bn = conv.Weight.dim() == 3 ? nn.BatchNorm1d(channels, device: CPU) : nn.BatchNorm2d(channels, device: CPU);
        _neuron = neuron;
        _pool = pool;
        owner.register_module(name + ConvEnding, _conv);
        owner.register_module(name + NormEnding, _bn);
        owner.register_module(name + "_lif", _neuron);
    }

    /// <summary>The name of the batch norm that follows a convolution of this name.</summary>
    public static string NormOf(string conv) => conv.EndsWith(ConvEnding, StringComparison.Ordinal) ? conv[..^ConvEnding.Length] + NormEnding : "";

    /// <summary>[T, B, C, ...] to spikes [T, B, C', ...].</summary>
    public Tensor Forward(Tensor x, ForwardContext context)
    {
        using var scope = NewDisposeScope();
        var current = Currents(x, context).unflatten(0, x.shape[0], x.shape[1]);
        return scope.MoveToOuter(context.Fire(_neuron, current));
    }

    /// <summary>The same, but the neurons run over all T * B as if they were the time steps of one sample.</summary>
    public Tensor ForwardAcrossBatch(Tensor x, ForwardContext context)
    {
        using var scope = NewDisposeScope();
        var spikes = context.Fire(_neuron, Currents(x, context));
        return scope.MoveToOuter(spikes.unflatten(0, x.shape[0], x.shape[1]));
    }

    /// <summary>A still image [B, C, H, W], shown for T steps, to spikes [T, B, C', H', W'].</summary>
    /// <remarks>Convolution, batch norm and pool give the same T times, so they run once.</remarks>
    public Tensor ForwardStill(Tensor image, int timeSteps, ForwardContext context)
    {
        using var scope = NewDisposeScope();
        context.Convolving(_conv, image);
        var current = Pool(context.FoldOf(_conv)?.Forward(image) ?? NormaliseCopies(_conv.call(image), timeSteps));
        return scope.MoveToOuter(context.Fire(_neuron, current.unsqueeze(0).expand([timeSteps, .. current.shape])));
    }

    // [T, B, C, ...] to [T*B, C', ...]
    private Tensor Currents(Tensor x, ForwardContext context)
    {
        context.Convolving(_conv, x);
        var input = x.flatten(0, 1);
        return Pool(context.FoldOf(_conv)?.Forward(input) ?? _bn.call(_conv.call(input)));
    }

    private Tensor Pool(Tensor x) => _pool ? HalvingPool.Halve(x) : x;

    /// <summary>Batch norm of a batch that stands for T copies of itself.</summary>
    /// <remarks>
    /// Mean, variance and gradients are those of the batch; but the unbiased variance that goes into the running one counts
    /// T n values a channel instead of n, so it is (n - 1) T / (T n - 1) of what the batch alone gives.
    /// </remarks>
    private Tensor NormaliseCopies(Tensor x, int copies)
    {
        if (!_bn.training || copies == 1)
        {
            return _bn.call(x);
        }
        var (mean, variance) = (zeros_like(_bn.running_mean!), ones_like(_bn.running_var!));
        var y = nn.functional.batch_norm(x, mean, variance, _bn.weight, _bn.bias, training: true, momentum: 1, _bn.eps);
        using var noGrad = no_grad();
        var n = (double)x.numel() / x.shape[1];
        var momentum = _bn.momentum ?? 0.1;
        _bn.running_mean!.mul_(1 - momentum).add_(mean, alpha: momentum);
        _bn.running_var!.mul_(1 - momentum).add_(variance, alpha: momentum * (n - 1) * copies / (copies * n - 1));
        _bn.num_batches_tracked!.add_(1);
        return y;
    }
}
