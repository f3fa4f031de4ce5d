using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MsVit.MLNet.Kernels;

/// <summary>A batch norm in training and the neurons behind it: two kernels forward and two backward.</summary>
/// <remarks>
/// Forward, one kernel sums over the batch and the other normalizes, fires and adds the residual; the normalized currents are never
/// stored. Backward, one recharges the neurons, passes the gradient through them and sums over the batch, and the other passes it through
/// the norm (see <see cref="NormGradients"/>). Sums are float64 and always in the same order.
/// </remarks>
/// <param name="neurons">The neurons.</param>
/// <param name="kernels">Their kernels.</param>
internal sealed class CudaNormedLayer(CudaLayer neurons, ILifModule kernels)
{
    // As in normed.cu: channels of a block, and the most blocks.
    private const int Group = 32, MostBlocks = 1024;

    // More would keep the last block of a group waiting for its sums.
    private const int MostRuns = 128;

    // So that a thread has something to do.
    private const int RowsPerThread = 4;

    /// <summary>The most channels.</summary>
    public const int MostChannels = Group * MostBlocks;

    /// <summary>The spikes, and what <see cref="Backward"/> needs of the norm, in <paramref name="statistics"/>.</summary>
    /// <param name="x">[T * B, C, ...], dense and channels last.</param>
    /// <param name="rows">How they and the spikes lie in memory.</param>
    /// <param name="norm">The norm.</param>
    /// <param name="rate">PLIF's sigmoid(w), or null for LIF.</param>
    /// <param name="residual">What the spikes are added to, with their shape, type and order; or null.</param>
    /// <param name="statistics">[4 C], float32.</param>
    public Tensor Fire(Tensor x, NeuronRows rows, CudaNorm norm, Tensor? rate, Tensor? residual, Tensor statistics)
    {
        var pass = neurons.Pass(x, rows, rate, x);
        pass.Channels = x.shape[1];
        (pass.NormGamma, pass.NormBeta) = (TensorAddress.Of(norm.Gamma), TensorAddress.Of(norm.Beta));
        pass.Statistics = TensorAddress.Of(statistics);
        (pass.Eps, pass.Momentum) = (norm.Eps, norm.Momentum);
        if (norm.Running is { } running)
        {
            (pass.RunningMean, pass.RunningVariance) = (TensorAddress.Of(running.Mean), TensorAddress.Of(running.Variance));
        }
        Launch("moments", rows.Steps, pass.Lanes * rows.Steps / pass.Channels, (int)x.ElementSize, pass, [(pass.X, pass.Channels)]);
        var spikes = neurons.Fire(x, rows, rate, (statistics, pass.Channels), residual);
        GC.KeepAlive(norm);
        return spikes;
    }

    /// <summary>The gradient of x and, if requested, of w. Those of gamma and beta are stored in their tensors.</summary>
    /// <param name="x">As for <see cref="Fire"/>.</param>
    /// <param name="rows">As for <see cref="Fire"/>.</param>
    /// <param name="rate">As for <see cref="Fire"/>.</param>
    /// <param name="statistics">What <see cref="Fire"/> stored.</param>
    /// <param name="spikeGradient">The gradient of the spikes, with their shape and order.</param>
    /// <param name="learnsRate">Whether the gradient of w is requested.</param>
    /// <param name="gamma">The gradient of gamma, [C] float32.</param>
    /// <param name="beta">The gradient of beta, [C] float32.</param>
    public (Tensor X, Tensor? W) Backward(
        Tensor x, NeuronRows rows, Tensor? rate, Tensor statistics, Tensor spikeGradient, bool learnsRate, Tensor gamma, Tensor beta)
    {
        var ofX = RowOrder.Of(x)!.Empty(x, isPooled: false);
        var pass = neurons.Pass(x, rows, rate, ofX);
        (pass.SpikeGradient, pass.GradientStride) = (TensorAddress.Of(spikeGradient), rows.Stride(spikeGradient));
        (pass.Channels, pass.Statistics) = (x.shape[1], TensorAddress.Of(statistics));
        (pass.GammaGradient, pass.BetaGradient) = (TensorAddress.Of(gamma), TensorAddress.Of(beta));
        var (size, ofRows) = ((int)x.ElementSize, pass.Lanes / pass.Channels);
        using var sums = learnsRate ? empty([MostBlocks], dtype: float64, device: x.device) : null;
        var ofW = learnsRate ? empty([], dtype: float32, device: x.device) : null;
        pass.Sums = sums is null ? 0 : TensorAddress.Of(sums);
        pass.Blocks = Launch("back_normed", rows.Steps, ofRows, size, pass,
            [(pass.X, pass.XStride), (pass.SpikeGradient, pass.GradientStride), (pass.Result, pass.Lanes), (0, pass.Channels)]);
        if (ofW is not null)
        {
            pass.WGradient = TensorAddress.Of(ofW);
            kernels.Launch("gather", 1, pass);
        }
        Launch("finish", rows.Steps, ofRows * rows.Steps, size, pass, [(pass.X, pass.Channels), (pass.Result, pass.Channels)]);
        CudaLayer.KeepUntilLaunched(x, rate, statistics, spikeGradient);
        return (ofX, ofW);
    }

    // Returns the number of blocks.
    private long Launch(
        string kernel, int steps, long rows, int elementSize, LifPass pass, ReadOnlySpan<(nint First, long Stride)> tensors)
    {
        var width = LaunchShape.Widest(steps);
        foreach (var (first, stride) in tensors)
        {
            width = first % (width * elementSize) == 0 && stride % width == 0 ? width : 1;
        }
        var rowsAtOnce = LaunchShape.Threads * width / Group;
        pass.Groups = (pass.Channels + Group - 1) / Group;
        pass.Runs = Math.Clamp(rows / (rowsAtOnce * RowsPerThread), 1, Math.Min(MostRuns, MostBlocks / pass.Groups));
        kernels.Launch(kernel + (width == 1 ? "_one" : "_wide"), (uint)(pass.Groups * pass.Runs), pass);
        return pass.Groups * pass.Runs;
    }
}

/// <summary>A batch norm in training, for the kernels.</summary>
/// <param name="Gamma">Its scale, [C] float32.</param>
/// <param name="Beta">Its shift, [C] float32.</param>
/// <param name="Running">The running statistics to update, [C] float32 each; null to update none.</param>
/// <param name="Eps">What is added to the variance.</param>
/// <param name="Momentum">The weight of a new batch in the running statistics.</param>
internal sealed record CudaNorm(Tensor Gamma, Tensor Beta, (Tensor Mean, Tensor Variance)? Running, double Eps, double Momentum)
{
    /// <summary>A norm in training.</summary>
    /// <param name="norm">In training mode.</param>
    /// <param name="tracks">Whether the running statistics are updated.</param>
    public static CudaNorm Of(BatchNorm norm, bool tracks) => new(
        norm.weight!, norm.bias!, tracks ? (norm.running_mean!, norm.running_var!) : null, norm.eps, RunningStatistics.MomentumOf(norm));
}

/// <summary>
/// The kernels as one node of the autograd graph: (x, gamma, beta, w or null, residual or null, call) to spikes + residual.
/// </summary>
/// <remarks>
/// Of tensors of x's size it saves only x. If the call has memory for the gradients of gamma and beta, they are stored there, and the node
/// returns none.
/// </remarks>
internal sealed class CudaNormFunction : GraphFunction<CudaNormFunction>
{
    /// <summary>How to compute the layer. The rate is null for LIF; without memory, the layer allocates it.</summary>
    internal sealed record Call(CudaNormedLayer Layer, NeuronRows Rows, CudaNorm Norm, NormParts? Memory, Tensor? Rate);

    protected override Tensor Forward(autograd.AutogradContext context, object[] inputs)
    {
        var (x, w, residual, call) = ((Tensor)inputs[0], (Tensor?)inputs[3], (Tensor?)inputs[4], (Call)inputs[5]);
        var statistics = call.Memory?.Statistics ?? NewStatistics(x);
        context.save_for_backward(call.Rate is null ? [x, statistics] : [x, statistics, call.Rate]);
        context.save_data(nameof(Call), call with { Norm = null!, Rate = null });
        context.save_data(nameof(w), w is { requires_grad: true });
        context.save_data(nameof(residual), residual is { requires_grad: true });
        return call.Layer.Fire(x, call.Rows, call.Norm, call.Rate, residual, statistics);
    }

    protected override Tensor?[] Backward(autograd.AutogradContext context, Tensor upstream)
    {
        var (call, saved) = ((Call)context.get_data(nameof(Call)), context.get_saved_variables());
        var (x, memory) = (saved[0], call.Memory);
        var (gamma, beta) = (memory?.GammaGradient ?? NewGradient(x), memory?.BetaGradient ?? NewGradient(x));
        var (ofX, ofW) = call.Layer.Backward(
            x, call.Rows, saved.Count > 2 ? saved[2] : null, saved[1], call.Rows.Arrange(upstream), (bool)context.get_data("w"),
            gamma, beta);
        var ofResidual = (bool)context.get_data("residual") ? upstream : null;
        if (memory is null)
        {
            return [ofX, gamma, beta, ofW, ofResidual, null];
        }
        memory.HasGradients = true;
        return [ofX, null, null, ofW, ofResidual, null];
    }

    /// <summary>Memory for the statistics of a layer.</summary>
    internal static Tensor NewStatistics(Tensor x) => empty([4 * x.shape[1]], dtype: float32, device: x.device);

    private static Tensor NewGradient(Tensor x) => empty([x.shape[1]], dtype: float32, device: x.device);
}
