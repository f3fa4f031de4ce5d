using MsVit.MLNet.Kernels;
using MsVit.Tests.Golden;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MsVit.Tests.Kernels.Neurons;

/// <summary>What a batch norm with neurons behind it does in a training step.</summary>
internal sealed record NormedOutcome(
    Tensor Spikes, Tensor X, Tensor Gamma, Tensor Beta, Tensor? W, Tensor? Residual, Tensor Mean, Tensor Variance)
{
    /// <summary>By the fused passes.</summary>
    public static NormedOutcome Fused(
        Tensor x, int axis, LifDynamics dynamics, float? w, Tensor upstream, Tensor? residual = null, LaneWidth? width = null) =>
        Run(x, axis, w, upstream, residual, (input, norm, scalar, target) =>
            FusedNormLif.Fire(input, axis, norm, new Layer(dynamics, scalar), new(), target, width));

    /// <summary>By a GPU's kernels, from the output of a convolution, [T, B, C, ...].</summary>
    public static NormedOutcome Kernels(
        CudaLif neurons, Tensor x, LifDynamics dynamics, float? w, Tensor upstream, Tensor? residual = null, bool acrossBatch = false) =>
        Run(x, 2, w, upstream, residual, (input, norm, scalar, target) =>
        {
            var (layer, pass) = (new Layer(dynamics, scalar), new Pass(notice: Assert.Fail));
            var (folded, steps) = (input.flatten(0, 1), (int)(acrossBatch ? input.shape[0] * input.shape[1] : input.shape[0]));
            Assert.True(neurons.CoversNorm(folded, steps, norm, layer, pass));
            return neurons.FireNormed(folded, steps, input.shape, (norm, null), layer, pass, target);
        });

    /// <summary>By torch's batch norm and the composed neurons, in float64.</summary>
    public static NormedOutcome Exact(Tensor x, int axis, LifDynamics dynamics, float? w, Tensor upstream, Tensor? residual = null)
    {
        return Run(x.to(float64), axis, w, upstream.to(float64), residual?.to(float64), (input, norm, scalar, target) =>
        {
            // To [n, C]: every channel's values are one batch.
            var last = input.dim() - 1;
            var channelsLast = input.movedim([axis], [last]);
            var normed = norm.call(channelsLast.reshape(-1, input.shape[axis])).reshape(channelsLast.shape).movedim([last], [axis]);
            var spikes = EagerLif.Fire(normed, dynamics, new(), scalar);
            return target is null ? spikes : spikes + target;
        });
    }

    /// <summary>Asserts equal spikes, and gradients and statistics that differ by rounding.</summary>
    public void IsNearly(NormedOutcome exact, string what, double ofX = 1e-5, double ofSums = 1e-4)
    {
        Close.Equal(exact.Spikes, Spikes, $"{what}: spikes");
        Close.Within(ofX * Scale(exact.X), exact.X, X, $"{what}: gradient of x");
        Close.Within(ofSums * Scale(exact.Gamma), exact.Gamma, Gamma, $"{what}: gradient of gamma");
        Close.Within(ofSums * Scale(exact.Beta), exact.Beta, Beta, $"{what}: gradient of beta");
        Close.Within(1e-5 * Scale(exact.Mean), exact.Mean, Mean, $"{what}: running mean");
        Close.Within(1e-5 * Scale(exact.Variance), exact.Variance, Variance, $"{what}: running variance");
        if (exact.W is not null)
        {
            Close.Within(ofSums * Scale(exact.W), exact.W, W!, $"{what}: gradient of w");
        }
        if (exact.Residual is not null)
        {
            Close.Equal(exact.Residual, Residual!, $"{what}: gradient of the other summand");
        }
    }

    /// <summary>Asserts that not a bit differs.</summary>
    public void Is(NormedOutcome expected, string what)
    {
        Close.Equal(expected.Spikes, Spikes, $"{what}: spikes");
        Close.Equal(expected.X, X, $"{what}: gradient of x");
        Close.Equal(expected.Gamma, Gamma, $"{what}: gradient of gamma");
        Close.Equal(expected.Beta, Beta, $"{what}: gradient of beta");
        Close.Equal(expected.Mean, Mean, $"{what}: running mean");
        Close.Equal(expected.Variance, Variance, $"{what}: running variance");
    }

    private static double Scale(Tensor tensor) => Math.Max(1, tensor.abs().max().to(float64).item<double>());

    private static NormedOutcome Run(
        Tensor x, int axis, float? w, Tensor upstream, Tensor? residual, Func<Tensor, BatchNorm, Tensor?, Tensor?, Tensor> fire)
    {
        var type = x.dtype == float64 ? float64 : float32;
        var channels = x.shape[axis];
        var norm = nn.BatchNorm1d(channels);
        using (no_grad())
        {
            // Some channels are turned over.
            norm.weight!.copy_(linspace(-0.7, 1.9, channels));
            norm.bias!.copy_(linspace(0.9, 0.2, channels));
        }
        norm.to(type);
        norm.train();
        var input = x.detach().requires_grad_();
        var scalar = w is { } value ? tensor(value).to(type).requires_grad_() : null;
        var target = residual?.detach().requires_grad_();
        var spikes = fire(input, norm, scalar, target);
        spikes.backward([upstream.to(spikes.dtype)]);
        Assert.Equal(1, norm.num_batches_tracked!.item<long>());
        // Copies: the collector may take the norm, and its tensors with it.
        var result = new NormedOutcome(
            spikes.detach(), input.grad!, norm.weight!.grad!.clone(), norm.bias!.grad!.clone(), scalar?.grad, target?.grad,
            norm.running_mean!.clone(), norm.running_var!.clone());
        GC.KeepAlive(norm);
        return result;
    }

    private sealed record Layer(LifDynamics Dynamics, Tensor? W) : ILifLayer;
}
