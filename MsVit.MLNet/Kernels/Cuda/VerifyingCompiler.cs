using TorchSharp;
using static TorchSharp.torch;

namespace MsVit.MLNet.Kernels;

/// <summary>Releases kernels only after they have reproduced the composed layer's results for a few neurons.</summary>
/// <remarks>So a faulty compiler or driver costs speed, but neither the run nor its results.</remarks>
/// <param name="compiler">Compiles the kernels.</param>
/// <param name="deviceType">The type of device that the kernels run on.</param>
internal sealed class VerifyingCompiler(ILifCompiler compiler, DeviceType deviceType) : ILifCompiler
{
    private const int Neurons = 516;
    private const double Tolerance = 1e-2;

    public ILifModule Compile(LifVariant variant, int device)
    {
        var kernels = compiler.Compile(variant, device);
        using var scope = NewDisposeScope();
        using var grad = enable_grad();
        var place = new Device(deviceType, deviceType == DeviceType.CPU ? -1 : device);
        if (variant.IsGlif)
        {
            GlifTrial.Run(kernels, variant, place);
            return kernels;
        }
        var dynamics = Dynamics(variant);
        // Quarters, from -1 to 2 or beyond the levels, are exact in every type. The upstream gradients have both signs.
        var highest = dynamics.Levels + 1 ?? 2;
        var x = Rows(i => (i % (4 * highest + 5) / 4f) - 1).requires_grad_();
        var w = variant.Leak == LeakForm.Learned ? tensor(0f).requires_grad_() : null;
        var upstream = Rows(i => (i % 5) - 2);
        var pass = new Pass();
        var expected = EagerLif.Fire(x, dynamics, pass, w);
        Tensor[] inputs = w is null ? [x] : [x, w];
        var gradients = pass.Gradients(expected, inputs, upstream);

        using var noGrad = no_grad();
        var layer = new CudaLayer(dynamics, kernels);
        var input = x.detach().to_type(variant.Storage).to(place);
        var rows = NeuronRows.Of(input);
        var rate = w?.detach().sigmoid().to(place);
        var spikes = layer.Fire(input, rows, rate);
        var (ofX, ofW) = layer.Backward(input, rows, rate, upstream.to_type(variant.Storage).to(place), w is not null);
        Check("spikes", expected.detach(), spikes, 0);
        Check("gradients", gradients[0], ofX, Tolerance);
        if (w is not null && !gradients[1].IsInvalid)
        {
            Check("gradient of w", gradients[1], ofW!, Tolerance);
        }
        return new VerifiedModule(kernels, NormTrial.Failure(kernels, variant, dynamics, place));

        Tensor Rows(Func<int, float> value) => Values([variant.Steps, Neurons], value);
    }

    /// <summary>Values for a trial. They are a copy, because torch's own memory is aligned as the widest kernel needs.</summary>
    internal static Tensor Values(long[] shape, Func<int, float> value) =>
        tensor(Enumerable.Range(0, (int)shape.Aggregate((a, b) => a * b)).Select(value).ToArray()).reshape(shape).clone();

    // Integer neurons with as many levels as they may have.
    private static LifDynamics Dynamics(LifVariant variant) => variant.Counts
        ? LifDynamics.Integer(tau: 2, levels: 16)
        : new(variant.Leak == LeakForm.Quotient ? 3 : 2, 0.75, Surrogate.Of(variant.Slope))
        {
            ResetTo = variant.SoftReset ? null : 0,
            DetachReset = variant.DetachesReset,
            DecayInput = variant.DecaysInput,
        };

    internal static void Check(string what, Tensor expected, Tensor actual, double tolerance)
    {
        var error = (actual.cpu().to_type(float32) - expected).abs().max().item<float>();
        if (!(error <= tolerance * Math.Max(1, expected.abs().max().item<float>())))
        {
            throw new CudaUnavailableException($"in a test run, the kernel's {what} differed from the composed layer's by {error:g3}.");
        }
    }
}

/// <summary>Kernels that were tried.</summary>
/// <param name="inner">The kernels.</param>
/// <param name="normFailure">Why those for a batch norm must not be used; null if they may be.</param>
internal sealed class VerifiedModule(ILifModule inner, string? normFailure) : ILifModule
{
    /// <inheritdoc/>
    public string? NormFailure => normFailure;

    /// <inheritdoc/>
    public void Launch(string kernel, uint blocks, in LifPass pass) => inner.Launch(kernel, blocks, pass);
}
