using static TorchSharp.torch;

namespace MsVit.MLNet.Kernels;

/// <summary>A layer with its kernels: the forward and the backward pass on tensors with dense time steps.</summary>
/// <remarks>
/// The gradient of w is rate (1 - rate) times the sum of h̄[t] drive[t]: over a neuron's time steps in float32, then over the threads of a
/// block and over the blocks in float64, always in the same order.
/// </remarks>
internal sealed class CudaLayer(LifDynamics dynamics, ILifModule kernels)
{
    /// <summary>The spikes for currents.</summary>
    /// <param name="x">The currents.</param>
    /// <param name="rows">How they and the spikes lie in memory.</param>
    /// <param name="rate">PLIF's sigmoid(w), or null for LIF.</param>
    /// <param name="shift">What is added to x, channels last in memory, [C] float32; or null.</param>
    /// <param name="residual">What the spikes are added to, with their shape, type and order; or null.</param>
    public Tensor Fire(Tensor x, NeuronRows rows, Tensor? rate, Tensor? shift = null, Tensor? residual = null) =>
        FireScaled(x, rows, rate, shift is null ? null : (shift, shift.numel(), false), residual);

    /// <summary>The spikes for normalized currents.</summary>
    /// <param name="x">What is normalized.</param>
    /// <param name="rows">As above.</param>
    /// <param name="rate">As above.</param>
    /// <param name="norm">[4 C]: the statistics of the norm, of which the last two are its scale and shift; and C.</param>
    /// <param name="residual">As above.</param>
    public Tensor Fire(Tensor x, NeuronRows rows, Tensor? rate, (Tensor Statistics, long Channels) norm, Tensor? residual) =>
        FireScaled(x, rows, rate, (norm.Statistics, norm.Channels, true), residual);

    private Tensor FireScaled(
        Tensor x, NeuronRows rows, Tensor? rate, (Tensor Values, long Channels, bool IsNorm)? affine, Tensor? residual)
    {
        var spikes = rows.EmptySpikes(x);
        var pass = Pass(x, rows, rate, spikes);
        if (affine is { } given)
        {
            (pass.Shift, pass.Channels) = (TensorAddress.Of(given.Values), given.Channels);
            if (given.IsNorm)
            {
                var row = (nint)(given.Channels * sizeof(float));
                (pass.Scale, pass.Shift) = (pass.Shift + 2 * row, pass.Shift + 3 * row);
            }
        }
        if (residual is not null)
        {
            (pass.Residual, pass.ResidualStride) = (TensorAddress.Of(residual), rows.Stride(residual));
        }
        var shape = LaunchShape.Of(
            rows.Steps, pass.Lanes, (int)x.ElementSize,
            (pass.X, pass.XStride), (pass.Result, pass.Lanes), (pass.Residual, pass.ResidualStride));
        kernels.Launch(shape.Fire, shape.Blocks, pass);
        KeepUntilLaunched(x, rate, affine?.Values, residual);
        return spikes;
    }

    /// <summary>The gradient of x and, if requested, of w.</summary>
    public (Tensor X, Tensor? W) Backward(Tensor x, NeuronRows rows, Tensor? rate, Tensor spikeGradient, bool learnsRate)
    {
        var xGradient = RowOrder.Of(x)!.Empty(x, isPooled: false);
        var pass = Pass(x, rows, rate, xGradient);
        (pass.SpikeGradient, pass.GradientStride) = (TensorAddress.Of(spikeGradient), rows.Stride(spikeGradient));
        var shape = LaunchShape.Of(
            rows.Steps, pass.Lanes, (int)x.ElementSize,
            (pass.X, pass.XStride), (pass.SpikeGradient, pass.GradientStride), (pass.Result, pass.Lanes));
        if (!learnsRate)
        {
            kernels.Launch(shape.Backward, shape.Blocks, pass);
            KeepUntilLaunched(x, rate, spikeGradient);
            return (xGradient, null);
        }
        using var sums = empty([shape.Blocks], dtype: float64, device: x.device);
        var wGradient = empty([], dtype: float32, device: x.device);
        (pass.Sums, pass.Blocks, pass.WGradient) = (TensorAddress.Of(sums), shape.Blocks, TensorAddress.Of(wGradient));
        kernels.Launch(shape.Backward, shape.Blocks, pass);
        kernels.Launch("gather", 1, pass);
        KeepUntilLaunched(x, rate, spikeGradient);
        return (xGradient, wGradient);
    }

    /// <summary>What all kernels of the layer need.</summary>
    public LifPass Pass(Tensor x, NeuronRows rows, Tensor? rate, Tensor result) => new()
    {
        X = TensorAddress.Of(x),
        XStride = rows.Stride(x),
        Lanes = x.numel() / rows.Steps,
        Result = TensorAddress.Of(result),
        Rate = rate is null ? 0 : TensorAddress.Of(rate),
        Threshold = (float)dynamics.Threshold,
        Rest = (float)(dynamics.ResetTo ?? 0),
        Leak = dynamics.Levels is not null ? (float)dynamics.Decay
            : float.IsPow2((float)dynamics.Tau) ? 1 / (float)dynamics.Tau : (float)dynamics.Tau,
        Alpha = (float)dynamics.Surrogate.Alpha,
        Beta = (float)dynamics.Surrogate.Beta,
        Levels = dynamics.Levels ?? 0,
    };

    /// <summary>
    /// Keeps tensors until a kernel is launched. Then torch may reuse their memory, because it does so later on the same stream.
    /// </summary>
    public static void KeepUntilLaunched(params ReadOnlySpan<Tensor?> tensors)
    {
        foreach (var tensor in tensors)
        {
            GC.KeepAlive(tensor);
        }
    }
}
