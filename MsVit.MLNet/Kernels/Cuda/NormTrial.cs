using static TorchSharp.torch;

namespace MsVit.MLNet.Kernels;

/// <summary>Tries the kernels for a batch norm and the neurons behind it against torch's batch norm and the composed layer.</summary>
internal static class NormTrial
{
    // More channels than a block has, and as many rows as several blocks take.
    private const int Batch = 3, Channels = 36, Pixels = 40;

    // A spike more or less where a current is a rounding away from the threshold.
    private const double SpikesPerNeuron = 1e-3;
    private const double Tolerance = 2e-2;

    /// <summary>Why the kernels must not be used; null if they gave the right results for a few neurons.</summary>
    /// <param name="kernels">The kernels.</param>
    /// <param name="variant">What they were compiled for.</param>
    /// <param name="dynamics">Neurons of that kind.</param>
    /// <param name="place">Their device.</param>
    public static string? Failure(ILifModule kernels, LifVariant variant, LifDynamics dynamics, Device place)
    {
        using var scope = NewDisposeScope();
        using var grad = enable_grad();
        long[] shape = [variant.Steps, Batch, Channels, Pixels];
        // Exact in every type; the mean and the deviation of each channel are others.
        var x = VerifyingCompiler.Values(shape, i => ((i * 7919L) % 61 - 20) / 8f).to_type(float32).requires_grad_();
        var gamma = VerifyingCompiler.Values([Channels], i => 1 + i / 32f).requires_grad_();
        var beta = VerifyingCompiler.Values([Channels], i => (i % 5) / 4f).requires_grad_();
        var residual = VerifyingCompiler.Values(shape, i => i % 3);
        var upstream = VerifyingCompiler.Values(shape, i => (i % 5) - 2);
        var w = variant.Leak == LeakForm.Learned ? tensor(0f).requires_grad_() : null;
        var pass = new Pass();
        var normed = nn.functional.batch_norm(x.flatten(0, 1), zeros(Channels), ones(Channels), gamma, beta, training: true, 0.1, 1e-5);
        var expected = EagerLif.Fire(normed.view(shape), dynamics, pass, w);
        Tensor[] inputs = w is null ? [x, gamma, beta] : [x, gamma, beta, w];
        var gradients = pass.Gradients(expected, inputs, upstream);

        using var noGrad = no_grad();
        var (mean, variance) = (zeros([Channels], device: place), ones([Channels], device: place));
        var layer = new CudaNormedLayer(new(dynamics, kernels), kernels);
        var input = Placed(x.detach().reshape(variant.Steps * Batch, Channels, 1, Pixels), axis: 1);
        var rows = NeuronRows.Folded(variant.Steps, shape);
        var rate = w?.detach().sigmoid().to(place);
        var norm = new CudaNorm(gamma.detach().to(place), beta.detach().to(place), (mean, variance), 1e-5, 0.1);
        // Not a number, so that nothing that was there before can pass for a result.
        var nothing = zeros_like(CudaNormFunction.NewStatistics(input));
        var statistics = nothing.div(nothing);
        var spikes = layer.Fire(input, rows, norm, rate, Placed(residual, axis: 2), statistics);
        var (ofGamma, ofBeta) = (zeros([Channels], device: place), zeros([Channels], device: place));
        var (ofX, ofW) = layer.Backward(
            input, rows, rate, statistics, Placed(upstream, axis: 2), w is not null, ofGamma, ofBeta);
        var wrong = (spikes.cpu().to_type(float32).sub(residual).sub(expected.detach()).abs().mean()).Number();
        return !(wrong <= SpikesPerNeuron) ? $"in a test run, {wrong:g3} spikes per neuron and step were wrong behind a batch norm."
            : Differs("gradient of x", gradients[0], ofX.view(shape))
                ?? Differs("gradient of gamma", gradients[1], ofGamma)
                ?? Differs("gradient of beta", gradients[2], ofBeta)
                ?? Differs("running mean", x.detach().mean([0, 1, 3]).div(tensor(10f)), mean)
                ?? (w is null || gradients[3].IsInvalid ? null : Differs("gradient of w", gradients[3], ofW!));

        Tensor Placed(Tensor values, int axis) => ChannelsLast.Arrange(values.to_type(variant.Storage).to(place), axis).clone();
    }

    // By the mean, because the gradient of a neuron at its threshold may be another one.
    private static string? Differs(string what, Tensor expected, Tensor actual)
    {
        var scale = Math.Max(1e-3, expected.abs().mean().Number());
        var error = actual.cpu().to_type(float32).sub(expected).abs().mean().Number() / scale;
        return error <= Tolerance
            ? null : $"in a test run, the {what} of the kernel for a batch norm and its neurons was off by {error:p1}.";
    }
}
