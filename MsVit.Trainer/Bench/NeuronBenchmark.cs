using MsVit.MLNet;
using MsVit.MLNet.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace MsVit.Trainer.Bench;

/// <summary>A layer of neurons forward and backward, through autograd; bounded by the copy of memory.</summary>
internal static class NeuronBenchmark
{
    // Forward reads the currents and writes the spikes; backward reads currents and gradient and writes a gradient.
    private const int Passes = 5;

    /// <summary>Of the published networks.</summary>
    public static nn.Module<Tensor, Pass, Tensor> Lif() => new LifNeuron(new(Tau: 2, Threshold: 1, Surrogate.Default));

    /// <summary>Integer neurons with four levels.</summary>
    public static nn.Module<Tensor, Pass, Tensor> Integer() => new LifNeuron(LifDynamics.Integer(tau: 2, levels: 4));

    /// <summary>With the ATan surrogate.</summary>
    public static nn.Module<Tensor, Pass, Tensor> LifATan() =>
        new LifNeuron(new(Tau: 2, Threshold: 1, Surrogate.Of(SurrogateFunction.ATan)));

    /// <summary>With a learned time constant.</summary>
    public static nn.Module<Tensor, Pass, Tensor> Plif() => new PlifNeuron(new(Tau: 2, Threshold: 1, Surrogate.Default));

    /// <summary>With learned leaks, threshold, reset and gates.</summary>
    public static nn.Module<Tensor, Pass, Tensor> Glif(BenchmarkSettings settings) =>
        new GlifNeuron((int)Shape(settings)[0], Surrogate.Default);

    /// <summary>[T, B, C, H, W], the largest layer of CIFAR's 4-384 network with a batch of 16, on a GPU of 64.</summary>
    public static long[] Shape(BenchmarkSettings settings) => settings.Quick ? [2, 2, 16, 8, 8] : [4, settings.Batch(16), 192, 32, 32];

    /// <summary>A layer of as many numbers in <see cref="Shape"/>, or in one time step.</summary>
    public static BenchmarkRow Run(
        string name, Func<nn.Module<Tensor, Pass, Tensor>> create, BenchmarkSettings settings, bool oneStep = false)
    {
        using var scope = NewDisposeScope();
        using var neuron = create().to(settings.Target);
        using var copy = new CopyPeak(Shape(settings), settings.Target);
        using var generator = new Generator(1);
        var shape = Shape(settings);
        shape = oneStep ? [1, shape[0] * shape[1], .. shape[2..]] : shape;
        var x = randn(shape, generator: generator)
            .add_(SharedScalars.One, SharedScalars.One).to(settings.Target).requires_grad_();
        var upstream = randn(shape, generator: generator).to(settings.Target);
        Tensor[] inputs = [x, .. neuron.parameters()];
        return EagerComparison.Run(name, settings, ForwardAndBackward, copy.Bound(Passes));

        void ForwardAndBackward(Backend backend)
        {
            using var inner = NewDisposeScope();
            var pass = new Pass(backend);
            pass.Gradients(neuron.call(x, pass), inputs, upstream);
        }
    }
}
