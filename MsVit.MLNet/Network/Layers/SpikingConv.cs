using MsVit.MLNet.Kernels;
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
    /// <param name="x">The input. Tokens may have heads, [T, B, heads, C/heads, N].</param>
    /// <param name="context">The context of the forward pass.</param>
    /// <param name="residual">What the spikes are added to, of the result's shape; or null.</param>
    /// <param name="shape">The shape of the result; null (the default) for that of the convolution's output, unfolded.</param>
    /// <param name="acrossBatch">
    /// Whether the neurons run over all T * B steps as if they were the time steps of one sample. The default is false.
    /// </param>
    public Tensor Forward(Tensor x, ForwardContext context, Tensor? residual = null, long[]? shape = null, bool acrossBatch = false)
    {
        using var scope = NewDisposeScope();
        var input = _conv.Weight.dim() == 3 ? FoldTokens(x, context.Pass, _conv.Weight.shape[1]) : x.flatten(0, 1);
        return scope.MoveToOuter(Fire(input, (x.shape[0], x.shape[1]), context, residual, shape, acrossBatch));
    }

    /// <summary>The same for tokens that are folded already.</summary>
    /// <param name="folded">What <see cref="FoldTokens"/> made of them.</param>
    /// <param name="steps">T and B.</param>
    /// <param name="context">The context of the forward pass.</param>
    /// <param name="heads">The heads of the attention.</param>
    /// <returns>[T, B, C', N]; on a GPU [T, B, heads, C'/heads, N], so that no view needs a node of the graph.</returns>
    public Tensor ForwardFolded(Tensor folded, (long Time, long Batch) steps, ForwardContext context, int heads)
    {
        using var scope = NewDisposeScope();
        long[]? shape = IsRow(folded) ? [steps.Time, steps.Batch, heads, _conv.Weight.shape[0] / heads, folded.shape[^1]] : null;
        return scope.MoveToOuter(Fire(folded, steps, context, residual: null, shape, acrossBatch: false));
    }

    /// <summary>
    /// [T, B, C, H, W] or [T, B, C, N] to [T * B, C, N], which convolutions over tokens take; on a GPU to [T * B, C, 1, N].
    /// </summary>
    /// <remarks>An image of one row: torch's norm of tokens copies its input and loses the channels-last layout.</remarks>
    /// <param name="x">The tokens. On a GPU they may have heads, [T, B, heads, C/heads, N].</param>
    /// <param name="pass">The current pass.</param>
    /// <param name="channels">C.</param>
    public static Tensor FoldTokens(Tensor x, Pass pass, long channels) => pass.TakesGpuPaths(x)
        ? x.reshape(x.shape[0] * x.shape[1], channels, 1, -1)
        : x.reshape(x.shape[0] * x.shape[1], channels, -1);

    private static bool IsRow(Tensor folded) => folded.dim() == 4;

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

    private Tensor Fire(
        Tensor input, (long Time, long Batch) steps, ForwardContext context, Tensor? residual, long[]? shape, bool acrossBatch)
    {
        var (layer, pass, fold) = (_neuron as ILifLayer, context.Pass, context.FoldOf(_conv));
        var isTokens = _conv.Weight.dim() == 3;
        if (context.WatchesInputs)
        {
            context.Convolving(_conv, input.reshape(Unfolded(input)));
        }
        var output = fold is null ? _conv.call(input, pass) : fold.Forward(input, pass);
        var time = acrossBatch ? steps.Time * steps.Batch : steps.Time;
        var way = fold is null && !_pool && layer is not null ? WithNorm(output, time, layer, pass) : Way.Apart;
        var currents = way != Way.Apart ? output : Pool(fold is null ? _bn.Normalize(output, context.Tracks, pass) : output, pass);
        if (way == Way.Apart && layer is not null && LifKernel.TakesFolded(currents, time, layer, pass))
        {
            way = Way.NeuronsOnGpu;
        }
        var unfolded = Unfolded(currents);
        var wanted = shape ?? unfolded;
        // An observer gets the spikes in their own shape, and without the residual.
        var made = way is Way.NormOnGpu or Way.NeuronsOnGpu
            ? context.WatchesSpikes ? unfolded : wanted
            : acrossBatch ? [time, .. unfolded[2..]] : unfolded;
        var target = residual is null ? null : In(made, residual);
        return In(wanted, context.WatchesSpikes ? Sum(context.Fired(_neuron, Spikes(null)), target) : Spikes(target));

        Tensor Spikes(Tensor? to)
        {
            var axis = made.Length - (isTokens ? 2 : 3);
            return way switch
            {
                Way.NormOnCpu => FusedNormLif.Fire(In(made, currents), axis, _bn, layer!, pass, to, tracks: context.Tracks),
                Way.NormOnGpu => CudaLif.Of(pass).FireNormed(
                    currents, (int)time, made, (_bn, context.NormMemory?.Of(_bn)), layer!, pass, to, context.Tracks),
                Way.NeuronsOnGpu => CudaLif.Of(pass).FireFolded(
                    currents, (int)time, made, layer!, pass, fold?.Shift is null ? null : fold.Bias, to),
                _ when fold is null => Sum(_neuron.call(In(made, currents), pass), to),
                _ => (layer is null ? null : LifKernel.FireWithResidual(In(made, currents), axis, fold.Shift, layer, pass, to))
                    ?? Sum(_neuron.call(In(made, fold.Complete(currents)), pass).to(currents.dtype), to),
            };
        }

        // [T, B, C, ...] for a folded tensor.
        long[] Unfolded(Tensor folded) =>
            [steps.Time, steps.Batch, folded.shape[1], .. isTokens ? folded.shape[^1..] : folded.shape[2..]];

        static Tensor In(long[] shape, Tensor tensor) => tensor.shape.AsSpan().SequenceEqual(shape) ? tensor : tensor.reshape(shape);

        static Tensor Sum(Tensor spikes, Tensor? to) => to is null ? spikes : Reuse.Add(spikes, to);
    }

    private Way WithNorm(Tensor output, long time, ILifLayer layer, Pass pass) =>
        pass.TakesCpuPaths && FusedNormLif.Covers(output, _bn, layer) ? Way.NormOnCpu
        : LifKernel.TakesNorm(output, time, _bn, layer, pass) ? Way.NormOnGpu
        : Way.Apart;

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

    // How a convolution's output becomes spikes.
    private enum Way
    {
        // Norm, pool and neurons one after the other.
        Apart,

        // Norm and neurons in one pass over the CPU's memory.
        NormOnCpu,

        // Norm and neurons in a GPU's kernels.
        NormOnGpu,

        // The neurons in a GPU's kernel, which takes the output with time folded into the batch.
        NeuronsOnGpu,
    }
}
