using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MsVit.MLNet.Kernels;

/// <summary>A batch norm in training and the LIF or PLIF neurons behind it: statistics and one pass forward, two passes backward.</summary>
/// <remarks>The normalized currents are never stored.</remarks>
internal static class FusedNormLif
{
    /// <summary>Whether the passes support this norm and these neurons.</summary>
    public static bool Covers(Tensor x, BatchNorm norm, ILifLayer layer) =>
        norm is { training: true, weight: not null, bias: not null, running_mean: not null, running_var: not null, momentum: not null }
        && FusedLif.Covers(x, layer.Dynamics, layer.W);

    /// <summary>The spikes, plus <paramref name="residual"/> if there is one; differentiable.</summary>
    /// <param name="x">[T, ...], with channels on axis <paramref name="axis"/>.</param>
    /// <param name="axis">At least 1.</param>
    /// <param name="norm">In training mode.</param>
    /// <param name="layer">The neurons.</param>
    /// <param name="pass">The current pass.</param>
    /// <param name="residual">What the spikes are added to, of x's shape and type; or null.</param>
    /// <param name="width">The vector width. The default is the CPU's widest.</param>
    /// <param name="tracks">Whether the norm's running statistics are updated. The default is true.</param>
    public static Tensor Fire(
        Tensor x, int axis, BatchNorm norm, ILifLayer layer, Pass pass, Tensor? residual = null, LaneWidth? width = null,
            bool tracks = true)
    {
        using var scope = NewDisposeScope();
        var dense = ChannelsLast.Arrange(x, axis);
        var order = RowOrder.Of(dense)!;
        var lanes = width ?? LaneWidths.Best;
        var neurons = FusedLayer.Of(layer.Dynamics, layer.W, lanes);
        var statistics = BatchStatistics.Of(dense, (int)x.shape[axis], lanes).With(pass.Peers);
        if (tracks)
        {
            Track(norm, statistics, pass);
        }
        var (gamma, beta) = (Values(norm.weight!), Values(norm.bias!));
        var call = new NormedLayer(neurons, order, statistics, statistics.Normalize(gamma, beta, norm.eps), gamma, norm.eps, pass.Peers);
        Tensor?[] inputs = [dense, norm.weight, norm.bias, layer.W, residual is null ? null : order.Arrange(residual)];
        return scope.MoveToOuter(is_grad_enabled() && inputs.Any(input => input is { requires_grad: true })
            ? FusedNormLifFunction.Apply(pass, [.. inputs, call])
            : LifForward.Run(neurons, dense, order, call.Affine, inputs[4]));
    }

    private static void Track(BatchNorm norm, BatchStatistics batch, Pass pass)
    {
        using var mean = tensor(batch.Mean.Select(value => (float)value).ToArray());
        var unbiased = batch.Variance.Select(value => (float)(value * batch.Count / Math.Max(batch.Count - 1.0, 1)));
        using var variance = tensor(unbiased.ToArray());
        RunningStatistics.Track(norm, mean, variance, pass);
    }

    private static float[] Values(Tensor parameter)
    {
        using var detached = parameter.detach();
        return detached.data<float>().ToArray();
    }
}

/// <summary>What the passes need to know about a norm and its neurons.</summary>
internal sealed record NormedLayer(
    FusedLayer Neurons, RowOrder Order, BatchStatistics Statistics, ChannelAffine Affine, float[] Gamma, double Eps, PassPeers? Peers);

/// <summary>The passes as one autograd node: (x, gamma, beta, w or null, residual or null, layer) to spikes + residual.</summary>
/// <remarks>Of tensors of x's size it saves only x.</remarks>
internal sealed class FusedNormLifFunction : GraphFunction<FusedNormLifFunction>
{
    protected override Tensor Forward(autograd.AutogradContext context, object[] inputs)
    {
        var (x, w, residual, layer) = ((Tensor)inputs[0], (Tensor?)inputs[3], (Tensor?)inputs[4], (NormedLayer)inputs[5]);
        context.save_for_backward([x]);
        context.save_data(nameof(NormedLayer), layer);
        context.save_data(nameof(w), w is { requires_grad: true });
        context.save_data(nameof(residual), residual is { requires_grad: true });
        return LifForward.Run(layer.Neurons, x, layer.Order, layer.Affine, residual);
    }

    protected override Tensor?[] Backward(autograd.AutogradContext context, Tensor upstream)
    {
        var layer = (NormedLayer)context.get_data(nameof(NormedLayer));
        var x = context.get_saved_variables()[0];
        var dense = layer.Order.Arrange(upstream);
        var (ofX, ofW, sums) = LifBackward.RunNormed(
            layer.Neurons, x, layer.Order, layer.Statistics, layer.Affine, dense, (bool)context.get_data("w"));
        var factors = sums.Total(layer.Gamma, layer.Eps, layer.Peers);
        NormFinish.Run(factors, x, ofX, layer.Neurons.Width);
        var ofResidual = (bool)context.get_data("residual") ? upstream : null;
        return [ofX, tensor(factors.Gamma), tensor(factors.Beta), ofW is { } value ? tensor((float)value) : null, ofResidual, null];
    }
}
