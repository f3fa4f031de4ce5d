using TorchSharp;
using static TorchSharp.torch;

namespace MsVit.MLNet.Kernels;

/// <summary>Lets kernels out only after they did, on a few neurons, what the composed layer does on the CPU.</summary>
/// <remarks>A compiler or a driver that does not do as expected then costs speed, and neither a run nor its results.</remarks>
/// <param name="compiler">Makes the kernels.</param>
/// <param name="deviceType">The kind of device that they are for.</param>
internal sealed class TriedCompiler(ILifCompiler compiler, DeviceType deviceType) : ILifCompiler
{
    private const int Neurons = 516;
    private const double Tolerance = 1e-2;

    public ILifModule Compile(LifVariant variant, int device)
    {
        var kernels = compiler.Compile(variant, device);
        using var scope = NewDisposeScope();
        using var grad = enable_grad();
        var place = new Device(deviceType, deviceType == DeviceType.CPU ? -1 : device);
        var dynamics = new LifDynamics(variant.Leak == LeakForm.Quotient ? 3 : 2, 0.75, Surrogate.Of(variant.Slope))
        {
            ResetTo = variant.SoftReset ? null : 0,
            DetachReset = variant.DetachesReset,
            DecayInput = variant.DecaysInput,
        };
        // Quarters from -1 to 2: exact in every type. What comes back has both signs.
        var x = Rows(i => (i % 13 / 4f) - 1).requires_grad_();
        var w = variant.Leak == LeakForm.Learned ? tensor(0f).requires_grad_() : null;
        var upstream = Rows(i => (i % 5) - 2);
        var expected = EagerLif.Fire(x, dynamics, w);
        expected.backward([upstream]);

        using var noGrad = no_grad();
        var layer = new CudaLayer(dynamics, kernels);
        var input = x.detach().to_type(variant.Storage).to(place);
        var rate = w?.detach().sigmoid().to(place);
        var spikes = layer.Fire(input, rate);
        var (ofX, ofW) = layer.GoBack(input, rate, upstream.to_type(variant.Storage).to(place), w is not null);
        Check("spikes", expected.detach(), spikes, 0);
        Check("gradients", x.grad!, ofX, Tolerance);
        if (w?.grad is { } wGradient)
        {
            Check("gradient of w", wGradient, ofW!, Tolerance);
        }
        return kernels;

        // A copy, for torch's own memory is aligned as the widest kernel asks for.
        Tensor Rows(Func<int, float> value) =>
            tensor(Enumerable.Range(0, variant.Steps * Neurons).Select(value).ToArray()).reshape(variant.Steps, Neurons).clone();
    }

    private static void Check(string what, Tensor expected, Tensor actual, double tolerance)
    {
        var error = (actual.cpu().to_type(float32) - expected).abs().max().item<float>();
        if (!(error <= tolerance * Math.Max(1, expected.abs().max().item<float>())))
        {
            throw new CudaUnavailableException($"a trial of the kernel gave {what} that differ by {error:g3} from the composed layer's.");
        }
    }
}
