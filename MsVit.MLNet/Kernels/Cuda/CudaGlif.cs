using static TorchSharp.torch;

namespace MsVit.MLNet.Kernels;

/// <summary>GLIF neurons on a CUDA GPU: one kernel forward, and one backward that another follows for the parameters.</summary>
/// <remarks>
/// For the same scalars, spikes are bit-identical to those of <see cref="EagerGlif"/> on the CPU; gradients are equal up to rounding.
/// Membranes are float32 even with float16 or bfloat16 in memory. The scalars stay on the device, so that nothing waits for them.
/// </remarks>
internal static class CudaGlif
{
    /// <summary>Whether there is a kernel for this layer and this input. The first call for a kind of layer compiles it.</summary>
    /// <param name="x">The currents, [T, ...].</param>
    /// <param name="surrogate">The layer's.</param>
    /// <param name="conduct">The layer's raw conductances, [T]. Its other parameters have the same type and device.</param>
    /// <param name="pass">Receives a notice if the input is on the GPU and there is no kernel.</param>
    public static bool Covers(Tensor x, Surrogate surrogate, Tensor conduct, Pass pass)
    {
        var gpu = CudaLif.Of(pass);
        return gpu.Has(x) && CudaLif.IsCovered(WhyNotCovered(x, conduct) ?? gpu.Find(x, Variant(x, surrogate)).Failure, pass);
    }

    /// <summary>The spikes of a layer, [T, ...], for the input currents <paramref name="x"/>, [T, ...]; differentiable.</summary>
    /// <param name="x">Input, time first, that <see cref="Covers"/> accepts.</param>
    /// <param name="scalars">[T + 5], of <see cref="GlifScalars.Joined"/>; their gradients flow on to the parameters.</param>
    /// <param name="surrogate">The surrogate that gives a spike its gradient.</param>
    /// <param name="pass">The current pass.</param>
    public static Tensor Fire(Tensor x, Tensor scalars, Surrogate surrogate, Pass pass)
    {
        using var scope = NewDisposeScope();
        var dense = RowOrder.MakeDense(x).Tensor;
        var rows = NeuronRows.Of(dense);
        var layer = new CudaGlifLayer(surrogate, CudaLif.Of(pass).Find(x, Variant(x, surrogate)).Kernels!);
        return scope.MoveToOuter(FusedLif.IsDifferentiable(x, scalars)
            ? CudaGlifFunction.Apply(pass, dense, scalars, layer, rows)
            : layer.Fire(dense, rows, scalars));
    }

    private static LifVariant Variant(Tensor x, Surrogate surrogate) => LifVariant.Glif((int)x.shape[0], x.dtype, surrogate);

    private static string? WhyNotCovered(Tensor x, Tensor conduct) =>
        CudaLif.WhyNotCovered(x, x.shape[0]) is { } reason ? reason
        : conduct.shape[0] != x.shape[0] ? $"the layer has conductances for {conduct.shape[0]} time steps; the input has {x.shape[0]}."
        : conduct.dtype != float32 || conduct.device_type != x.device_type || conduct.device_index != x.device_index
            ? "the layer's parameters are not float32 on the GPU of the input."
        : null;
}

/// <summary>A GLIF layer with its kernels, on tensors with dense time steps.</summary>
internal sealed class CudaGlifLayer(Surrogate surrogate, ILifModule kernels)
{
    /// <summary>
    /// The most blocks of a backward pass: at least as many as the largest GPUs run at a time. Each adds up its part of the parameters'
    /// gradients.
    /// </summary>
    public const int MostBlocks = 2048;

    /// <summary>The spikes for currents.</summary>
    /// <param name="x">The currents.</param>
    /// <param name="rows">How they and the spikes lie in memory.</param>
    /// <param name="scalars">[T + 5].</param>
    public Tensor Fire(Tensor x, NeuronRows rows, Tensor scalars)
    {
        var spikes = rows.EmptySpikes(x);
        var pass = Pass(x, rows, scalars, spikes);
        var shape = LaunchShape.Of(rows.Steps, pass.Lanes, (int)x.ElementSize, (pass.X, pass.XStride), (pass.Result, pass.Lanes));
        kernels.Launch(shape.Fire, shape.Blocks, pass);
        CudaLayer.KeepUntilLaunched(x, scalars);
        return spikes;
    }

    /// <summary>The gradient of x and, if requested, of the scalars.</summary>
    public (Tensor X, Tensor? Scalars) Backward(Tensor x, NeuronRows rows, Tensor scalars, Tensor spikeGradient, bool learns)
    {
        var ofX = RowOrder.Of(x)!.Empty(x, isPooled: false);
        var pass = Pass(x, rows, scalars, ofX);
        (pass.SpikeGradient, pass.GradientStride) = (TensorAddress.Of(spikeGradient), rows.Stride(spikeGradient));
        var shape = LaunchShape.Of(
            rows.Steps, pass.Lanes, (int)x.ElementSize,
            (pass.X, pass.XStride), (pass.SpikeGradient, pass.GradientStride), (pass.Result, pass.Lanes));
        var blocks = Math.Min(shape.Blocks, MostBlocks);
        using var sums = learns ? empty([scalars.numel(), blocks], dtype: float64, device: x.device) : null;
        var ofScalars = learns ? empty(scalars.shape, dtype: float32, device: x.device) : null;
        (pass.Sums, pass.Blocks) = (sums is null ? 0 : TensorAddress.Of(sums), blocks);
        kernels.Launch(shape.Backward, blocks, pass);
        if (ofScalars is not null)
        {
            pass.WGradient = TensorAddress.Of(ofScalars);
            kernels.Launch("gather", 1, pass);
        }
        CudaLayer.KeepUntilLaunched(x, scalars, spikeGradient);
        return (ofX, ofScalars);
    }

    private LifPass Pass(Tensor x, NeuronRows rows, Tensor scalars, Tensor result) => new()
    {
        X = TensorAddress.Of(x),
        XStride = rows.Stride(x),
        Lanes = x.numel() / rows.Steps,
        Result = TensorAddress.Of(result),
        Rate = TensorAddress.Of(scalars),
        Alpha = (float)surrogate.Alpha,
        Beta = (float)surrogate.Beta,
    };
}

/// <summary>The kernels as one node of the autograd graph: (x, scalars, layer, rows) to spikes.</summary>
/// <remarks>It saves x and the scalars, and recomputes the membranes.</remarks>
internal sealed class CudaGlifFunction : GraphFunction<CudaGlifFunction>
{
    protected override Tensor Forward(autograd.AutogradContext context, object[] inputs)
    {
        var (x, scalars, layer, rows) = ((Tensor)inputs[0], (Tensor)inputs[1], (CudaGlifLayer)inputs[2], (NeuronRows)inputs[3]);
        context.save_for_backward([x, scalars]);
        context.save_data(nameof(CudaGlifLayer), layer);
        context.save_data(nameof(NeuronRows), rows);
        context.save_data(nameof(scalars), scalars.requires_grad);
        return layer.Fire(x, rows, scalars);
    }

    protected override Tensor?[] Backward(autograd.AutogradContext context, Tensor upstream)
    {
        var layer = (CudaGlifLayer)context.get_data(nameof(CudaGlifLayer));
        var (rows, saved) = ((NeuronRows)context.get_data(nameof(NeuronRows)), context.get_saved_variables());
        var (ofX, ofScalars) = layer.Backward(saved[0], rows, saved[1], rows.Arrange(upstream), (bool)context.get_data("scalars"));
        return [ofX, ofScalars, null, null];
    }
}
