using MsVit.MLNet;
using MsVit.MLNet.Kernels;
using MsVit.Tests.Golden;
using TorchSharp;
using static TorchSharp.torch;

namespace MsVit.Tests.Kernels.Cuda;

/// <summary>A network on the paths of a GPU, with the CUDA kernels compiled for the CPU.</summary>
/// <remarks>An observer gets the spikes of each layer in the network's own shapes; without one, layers pass them on in others.</remarks>
public sealed class GpuPathTests(HostCompiler compiler) : IClassFixture<HostCompiler>
{
    private readonly CudaLif _neurons = new(new VerifyingCompiler(compiler, DeviceType.CPU), DeviceType.CPU);

    [NeedsHostCompilerTheory]
    [InlineData(Precision.Float32)]
    [InlineData(Precision.BFloat16)]
    public void Scores_do_not_depend_on_the_shapes_in_which_layers_pass_on_their_spikes(Precision precision)
    {
        using var scope = NewDisposeScope();
        using var network = Network();
        network.eval();
        using var folded = network.Folded(precision, new(notice: Assert.Fail, gpu: _neurons));
        var images = Images();
        var spikes = 0.0;
        var observer = new NetworkObserver { Fired = (_, fired) => spikes += fired.to(float64).sum().item<double>() };
        var observed = folded.Forward(images, observer);
        Assert.InRange(spikes, 1000, double.PositiveInfinity);
        Assert.Equal(observed.data<float>().ToArray(), folded.Forward(images).data<float>().ToArray());
    }

    [NeedsHostCompilerFact]
    public void Scores_are_those_of_the_passes_on_the_CPU()
    {
        using var scope = NewDisposeScope();
        using var network = Network();
        network.eval();
        using var gpu = network.Folded(Precision.Float32, new(notice: Assert.Fail, gpu: _neurons));
        using var cpu = network.Folded();
        Close.Within(1e-4, cpu.Forward(Images()), gpu.Forward(Images()), "logits");
    }

    [NeedsHostCompilerTheory]
    [InlineData(Precision.Float32)]
    [InlineData(Precision.BFloat16)]
    public void Gradients_do_not_depend_on_the_shapes_in_which_layers_pass_on_their_spikes(Precision precision)
    {
        using var scope = NewDisposeScope();
        using var network = Network();
        var expected = Gradients(new NetworkObserver { Fired = static (_, _) => { } });
        var found = Gradients(null);
        Assert.All(expected, item => Close.Equal(item.Value, found[item.Key], item.Key));

        Dictionary<string, Tensor> Gradients(NetworkObserver? observer)
        {
            var context = new ForwardContext(network, observer)
            {
                Pass = new(notice: Assert.Fail, gpu: _neurons),
                Precision = precision,
            };
            context.Pass.Backward(network.Forward(Images(), context).square().sum());
            var gradients = network.named_parameters().ToDictionary(item => item.name, item => item.parameter.grad!.clone());
            network.zero_grad();
            return gradients;
        }
    }

    // After a batch in training: a new network is almost silent in evaluation.
    private static MsVitNetwork Network()
    {
        var network = new MsVitNetwork(MsVitConfig.Preset("laptop-32") with { TimeSteps = 2 }, seed: 3);
        network.train();
        using var noGrad = no_grad();
        for (var batch = 0; batch < 8; batch++)
        {
            network.forward(Images()).Dispose();
        }
        return network;
    }

    private static Tensor Images()
    {
        using var generator = new Generator(18);
        return rand([2, 3, 32, 32], generator: generator);
    }
}
