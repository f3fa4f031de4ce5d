using static TorchSharp.torch;

namespace MsVit.MLNet.Kernels;

/// <summary>Tries the kernels of GLIF neurons against the composed layer.</summary>
internal static class GlifTrial
{
    private const int Neurons = 516;
    private const double Tolerance = 1e-2;

    /// <summary>Runs the kernels for a few neurons.</summary>
    /// <param name="kernels">The kernels.</param>
    /// <param name="variant">What they were compiled for.</param>
    /// <param name="place">Their device.</param>
    /// <exception cref="CudaUnavailableException">A result is not the composed layer's.</exception>
    public static void Run(ILifModule kernels, LifVariant variant, Device place)
    {
        using var scope = NewDisposeScope();
        using var grad = enable_grad();
        var surrogate = Surrogate.Of(variant.Slope);
        // Quarters from -1 to 2 are exact in every type. The upstream gradients have both signs, and a mean that leaves no sum near 0.
        var x = Rows(i => (i % 13 / 4f) - 1).requires_grad_();
        var upstream = Rows(i => (i % 5) - 1);
        var scalars = tensor(
            [.. Enumerable.Range(0, variant.Steps).Select(t => 1 - (t / 64f)), 0.75f, 0.125f, 0.5f, 0.5f, 0.25f]).requires_grad_();
        var pass = new Pass();
        var expected = stack(EagerGlif.Run(x, GlifScalars.Of(scalars), surrogate, pass).Select(step => step.Spikes));
        var gradients = pass.Gradients(expected, [x, scalars], upstream);

        using var noGrad = no_grad();
        var layer = new CudaGlifLayer(surrogate, kernels);
        var (input, given) = (x.detach().to_type(variant.Storage).to(place), scalars.detach().to(place));
        var rows = NeuronRows.Of(input);
        VerifyingCompiler.Check("spikes", expected.detach(), layer.Fire(input, rows, given), 0);
        var (ofX, ofScalars) = layer.Backward(input, rows, given, upstream.to_type(variant.Storage).to(place), learns: true);
        VerifyingCompiler.Check("gradients", gradients[0], ofX, Tolerance);
        // Each by its own size: those of the gains are much larger than the others.
        var size = gradients[1].abs().maximum(ones_like(scalars));
        VerifyingCompiler.Check("gradients of the gates", gradients[1].div(size), ofScalars!.cpu().div(size), Tolerance);

        Tensor Rows(Func<int, float> value) => VerifyingCompiler.Values([variant.Steps, Neurons], value);
    }
}
