using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MsVit.MLNet.Kernels;

/// <summary>A batch norm whose batch consists of the passes that run at the same time on all ranks, on any device.</summary>
/// <remarks>
/// Mean and variance are those of all n values of a channel on all ranks. With g the gradient of the output, the sums of g and of
/// g (x - mean) in the input's gradient (see <see cref="NormGradients"/>) are those of all ranks too. The gradients of gamma and beta are
/// those of this rank, which are summed with all other gradients. Of tensors of x's size only x is saved, as by torch's batch norm.
/// </remarks>
internal static class SyncedNorm
{
    /// <summary>Normalizes a batch, and updates the running statistics as one process would that has the whole batch.</summary>
    /// <param name="norm">In training mode.</param>
    /// <param name="x">The batch of this rank, [N, C, ...].</param>
    /// <param name="pass">The current pass, which has peers.</param>
    /// <param name="tracks">Whether the running statistics are updated.</param>
    /// <param name="copies">How many copies of each value the batch stands for. The default is 1.</param>
    public static Tensor Normalize(BatchNorm norm, Tensor x, Pass pass, bool tracks, int copies = 1)
    {
        using var scope = NewDisposeScope();
        var (mean, inverse, count) = Statistics(norm, x, pass, tracks, copies);
        Tensor[] inputs = [x, norm.weight!, norm.bias!, mean, inverse, count];
        return scope.MoveToOuter(is_grad_enabled() && inputs.Any(input => input.requires_grad)
            ? Function.Apply(pass, [.. inputs, pass.Peers])
            : Output(x, norm.weight!, norm.bias!, mean, inverse));
    }

    // Mean and inverse deviation, [C], and n, []; float64.
    private static (Tensor Mean, Tensor Inverse, Tensor Count) Statistics(
        BatchNorm norm, Tensor x, Pass pass, bool tracks, int copies)
    {
        using var gradientFree = no_grad();
        var channels = x.shape[1];
        var (ownVariance, ownMean) = var_mean(HalfPrecision.Widen(x), Others(x), unbiased: false);
        var ofOne = ownMean.to(float64);
        var ownCount = tensor([(double)(x.numel() / channels)], device: x.device);
        var squares = ofOne.mul(ofOne).AddInPlace(ownVariance.to(float64));
        var sums = cat([ofOne.mul(ownCount), squares.mul(ownCount), ownCount]);
        pass.Peers!.Sum(sums);

        var count = sums[2 * channels];
        var mean = sums.narrow(0, 0, channels).div(count);
        var variance = ((TensorExpression)sums.narrow(0, channels, channels).div(count).sub(mean.mul(mean))).AtLeast(0);
        if (tracks)
        {
            TensorExpression all = (TensorExpression)count * copies;
            var unbiased = variance * all / (all - 1).AtLeast(1);
            RunningStatistics.Track(norm, mean.to(norm.running_mean!.dtype), unbiased.Tensor.to(norm.running_var!.dtype), pass);
        }
        return (mean, 1 / (variance + norm.eps).Sqrt(), count);
    }

    private static Tensor Output(Tensor x, Tensor gamma, Tensor beta, Tensor mean, Tensor inverse)
    {
        var wide = HalfPrecision.Widen(x);
        return wide.sub(Over(wide, mean)).mul_(Over(wide, inverse.mul(gamma))).AddInPlace(Over(wide, beta)).to(x.dtype);
    }

    // All axes but that of the channels.
    private static long[] Others(Tensor x) => [0, .. Enumerable.Range(2, (int)x.dim() - 2)];

    // A value for each channel, as x needs it.
    private static Tensor Over(Tensor x, Tensor values) =>
        values.to(x.dtype).view([1, -1, .. Enumerable.Repeat(1L, (int)x.dim() - 2)]);

    /// <summary>The norm as one autograd node: (x, gamma, beta, mean, inverse deviation, n, peers) to its output.</summary>
    private sealed class Function : GraphFunction<Function>
    {
        protected override Tensor Forward(autograd.AutogradContext context, object[] inputs)
        {
            Tensor[] given = [.. inputs.OfType<Tensor>()];
            context.save_for_backward([given[0], given[1], .. given[3..]]);
            context.save_data(nameof(PassPeers), (PassPeers)inputs[^1]);
            return Output(given[0], given[1], given[2], given[3], given[4]);
        }

        protected override Tensor?[] Backward(autograd.AutogradContext context, Tensor upstream)
        {
            var (saved, peers) = (context.get_saved_variables(), (PassPeers)context.get_data(nameof(PassPeers)));
            var (x, gamma, mean, inverse, count) = (saved[0], saved[1], saved[2], saved[3], saved[4]);
            using var gradientFree = no_grad();
            var g = HalfPrecision.Widen(upstream);
            var above = HalfPrecision.Widen(x).sub(Over(g, mean));
            Tensor[] own = [g.sum(Others(x)).to(float64), g.mul(above).sum(Others(x)).to(float64)];
            var (ofGamma, ofBeta) = (own[1].mul(inverse).to(gamma.dtype), own[0].to(gamma.dtype));
            var all = cat(own);
            peers.Sum(all);
            if (peers.IsBlank)
            {
                return [zeros_like(x), ofGamma, ofBeta, null, null, null, null];
            }
            var parts = all.div(count).chunk(2);
            var slope = Over(g, parts[1].mul(inverse).mul(inverse));
            var ofX = g.sub(Over(g, parts[0])).sub_(above.mul_(slope)).mul_(Over(g, inverse.mul(gamma)));
            return [ofX.to(x.dtype), ofGamma, ofBeta, null, null, null, null];
        }
    }
}
