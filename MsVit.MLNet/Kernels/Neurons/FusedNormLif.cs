using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MsVit.MLNet.Kernels;

/// <summary>A batch norm in training and the LIF or PLIF neurons behind it: statistics, then one pass forward; two backward.</summary>
/// <remarks>The normalized currents are never stored, neither for the neurons nor for the backward pass.</remarks>
internal static class FusedNormLif
{
    /// <summary>Whether the passes cover this norm and these neurons.</summary>
    public static bool Covers(Tensor x, BatchNorm norm, ILifLayer layer) =>
        norm is { training: true, weight: not null, bias: not null, running_mean: not null, running_var: not null, momentum: not null }
        && FusedLif.Covers(x, layer.Dynamics, layer.W);

    /// <summary>The spikes, or their sum with <paramref name="onto"/>; differentiable.</summary>
    /// <param name="x">[T, ...]; channels on axis <paramref name="axis"/>.</param>
    /// <param name="axis">At least 1.</param>
    /// <param name="norm">In training mode.</param>
    /// <param name="layer">The neurons.</param>
    /// <param name="onto">Of x's shape and type, or null.</param>
    /// <param name="width">The vectors to use; the CPU's widest by default.</param>
    /// <param name="tracks">Whether the norm's running statistics take this batch in. The default is that they do.</param>
    public static Tensor Fire(
        Tensor x, int axis, BatchNorm norm, ILifLayer layer, Tensor? onto = null, LaneWidth? width = null, bool tracks = true)
    {
        using var scope = NewDisposeScope();
        var dense = ChannelsLast.Arrange(x, axis);
        var order = RowOrder.Of(dense)!;
        var lanes = width ?? LaneWidths.Best;
        var neurons = FusedLayer.Of(layer.Dynamics, layer.W, lanes);
        var statistics = BatchStatistics.Of(dense, (int)x.shape[axis], lanes);
        if (tracks)
        {
            Track(norm, statistics);
        }
        var (gamma, beta) = (Values(norm.weight!), Values(norm.bias!));
        var call = new NormedLayer(neurons, order, statistics, statistics.Normalize(gamma, beta, norm.eps), gamma, norm.eps);
        Tensor?[] inputs = [dense, norm.weight, norm.bias, layer.W, onto is null ? null : order.Arrange(onto)];
        return scope.MoveToOuter(is_grad_enabled() && inputs.Any(input => input is { requires_grad: true })
            ? FusedNormLifFunction.Apply(inputs[0]!, inputs[1]!, inputs[2]!, inputs[3]!, inputs[4]!, call)
            : LifForward.Run(neurons, dense, order, call.Affine, inputs[4]));
    }

    private static void Track(BatchNorm norm, BatchStatistics batch)
    {
        using var mean = tensor(batch.Mean.Select(value => (float)value).ToArray());
        using var variance = tensor(batch.Variance.Select(value => (float)(value * batch.Count / Math.Max(batch.Count - 1.0, 1))).ToArray());
        RunningStatistics.Track(norm, mean, variance);
    }

    private static float[] Values(Tensor parameter)
    {
        using var detached = parameter.detach();
        return detached.data<float>().ToArray();
    }
}

/// <summary>What the passes know of a norm and its neurons.</summary>
internal sealed record NormedLayer(
    FusedLayer Neurons, RowOrder Order, BatchStatistics Statistics, ChannelAffine Affine, float[] Gamma, double Eps);
