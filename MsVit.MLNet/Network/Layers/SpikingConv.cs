using MsVit.MLNet.Kernels;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>The building block of the network: convolution, batch norm, optional max-pool, neurons.</summary>
/// <remarks>
/// Its parts are registered in the module that owns it, as name_conv, name_bn and name_lif, the names of the reference code. The pool
/// (3 x 3, stride 2, padding 1) comes between batch norm and neurons.
/// </remarks>
internal sealed class SpikingConv
{
    private const string ConvEnding = "_conv", NormEnding = "_bn";

    private readonly Conv _conv;
    private readonly BatchNorm _bn;
    private readonly nn.Module<Tensor, Pass, Tensor> _neuron;
    private readonly bool _pool;

    /// <param name="owner">The module that the parts are registered in.</param>
    /// <param name="name">The prefix of their names.</param>
    /// <param name="conv">The convolution.</param>
    /// <param name="neuron">The neurons.</param>
    /// <param name="pool">Whether to halve height and width. The default is false.</param>
    public SpikingConv(nn.Module owner, string name, Conv conv, nn.Module<Tensor, Pass, Tensor> neuron, bool pool = false)
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

    /// <summary>The convolution.</summary>
    public Conv Conv => _conv;

    /// <summary>The name of the batch norm that follows a convolution with this name.</summary>
    public static string NormOf(string conv) => conv.EndsWith(ConvEnding, StringComparison.Ordinal)
        ? conv[..^ConvEnding.Length] + NormEnding : "";

    /// <summary>[T, B, C, ...] to spikes [T, B, C', ...], or to their sum with a residual.</summary>
    /// <param name="x">The input.</param>
    /// <param name="context">The context of the forward pass.</param>
    /// <param name="residual">What the spikes are added to, of their shape; or null.</param>
    public Tensor Forward(Tensor x, ForwardContext context, Tensor? residual = null)
    {
        using var scope = NewDisposeScope();
        return scope.MoveToOuter(Fire(x, context, residual, [x.shape[0], x.shape[1]]));
    }

    /// <summary>The same, but the neurons run over all T * B steps as if they were the time steps of one sample.</summary>
    public Tensor ForwardAcrossBatch(Tensor x, ForwardContext context, Tensor? residual = null)
    {
        using var scope = NewDisposeScope();
        return scope.MoveToOuter(Fire(x, context, residual?.flatten(0, 1), [x.shape[0] * x.shape[1]]).unflatten(0, x.shape[0], x.shape[1]));
    }

    /// <summary>A still image [B, C, H, W], shown for T steps, to spikes [T, B, C', H', W'].</summary>
    /// <remarks>Convolution, batch norm and pool give the same result in every step, so they run once.</remarks>
    public Tensor ForwardStill(Tensor image, int timeSteps, ForwardContext context)
    {
        var pass = context.Pass;
        using var scope = NewDisposeScope();
        if (pass.IsEager)
        {
            return scope.MoveToOuter(Forward(Repeat(image), context));
        }
        context.Convolving(_conv, image);
        var fold = context.FoldOf(_conv);
        var current = Pool(
            fold is null ? NormalizeCopies(_conv.call(image, pass), timeSteps, pass) : fold.Complete(fold.Forward(image, pass)), pass);
        return scope.MoveToOuter(context.Narrow(context.Fire(_neuron, Repeat(current))));

        Tensor Repeat(Tensor still) => still.unsqueeze(0).expand([timeSteps, .. still.shape]);
    }

    // x, [T, B, C, ...], to spikes; steps are the axes that take the place of T * B before the neurons: [T, B], or [T * B].
    private Tensor Fire(Tensor x, ForwardContext context, Tensor? residual, long[] steps)
    {
        context.Convolving(_conv, x);
        var (layer, pass) = (_neuron as ILifLayer, context.Pass);
        // On a GPU as an image of one row: torch's norm of tokens copies its input and loses the channels-last layout.
        var asRow = x.dim() == 4 && !pass.IsEager && !(pass.TakesCpuPaths && x.device_type == DeviceType.CPU);
        var input = asRow ? x.reshape(x.shape[0] * x.shape[1], x.shape[2], 1, x.shape[3]) : x.flatten(0, 1);
        if (context.FoldOf(_conv) is { } fold)
        {
            var folded = Pool(fold.Forward(input, pass), pass);
            var current = Unfold(folded);
            return Report(target =>
                (layer is null ? null
                    : LifKernel.FireWithResidual(current, ChannelAxis(current), fold.Shift, fold.Bias, layer, pass, target))
                ?? Sum(_neuron.call(Unfold(fold.Complete(folded)), pass).to(folded.dtype), target));
        }
        var convolved = _conv.call(input, pass);
        if (!_pool && pass.TakesCpuPaths && layer is not null && FusedNormLif.Covers(convolved, _bn, layer))
        {
            var current = Unfold(convolved);
            return Report(target => FusedNormLif.Fire(current, ChannelAxis(current), _bn, layer, pass, target, tracks: context.Tracks));
        }
        var normed = Unfold(Pool(_bn.Normalize(convolved, context.Tracks, pass), pass));
        return Report(target => Sum(_neuron.call(normed, pass), target));

        Tensor Unfold(Tensor current) =>
            asRow ? current.view([.. steps, current.shape[1], current.shape[3]])
            : steps.Length == 1 ? current
            : current.unflatten(0, steps[0], steps[1]);

        // An observer gets the spikes without the residual.
        Tensor Report(Func<Tensor?, Tensor> fire) =>
            context.WatchesSpikes ? Sum(context.Fired(_neuron, fire(null)), residual) : fire(residual);

        Tensor Sum(Tensor spikes, Tensor? target) => target is null ? spikes : Reuse.Add(spikes, target);

        int ChannelAxis(Tensor current) => (int)(current.dim() - (_conv.Weight.dim() - 1));
    }

    private Tensor Pool(Tensor x, Pass pass) => _pool ? HalvingPool.Halve(x, pass) : x;

    /// <summary>The batch norm of a batch that stands for T copies of itself.</summary>
    /// <remarks>
    /// Mean, variance and gradients are those of the batch. The unbiased variance for the running statistics, however, counts T n
    /// values per channel instead of n, so it is (n - 1) T / (T n - 1) times that of the batch.
    /// </remarks>
    private Tensor NormalizeCopies(Tensor x, int copies, Pass pass)
    {
        if (!_bn.training || copies == 1)
        {
            return _bn.Normalize(x, tracks: true, pass);
        }
        if (pass.Peers is not null)
        {
            return SyncedNorm.Normalize(_bn, x, pass, tracks: true, copies);
        }
        var (mean, variance) = (zeros_like(_bn.running_mean!), ones_like(_bn.running_var!));
        var y = nn.functional.batch_norm(x, mean, variance, _bn.weight, _bn.bias, training: true, momentum: 1, _bn.eps);
        var n = (double)x.numel() / x.shape[1];
        RunningStatistics.Track(_bn, mean, variance, pass, (n - 1) * copies / (copies * n - 1));
        return y;
    }
}
