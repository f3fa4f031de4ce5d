using MsVit.MLNet;
using MsVit.MLNet.Kernels;
using static TorchSharp.torch;

namespace MsVit.Trainer.Bench;

/// <summary>A convolution of spikes with a 3 x 3 kernel, forward and backward through autograd; bounded by the matrix product.</summary>
internal static class ConvolutionBenchmark
{
    // The gradients of input and weight take as many operations as the outputs.
    private const int Passes = 3;

    /// <param name="name">Of the row.</param>
    /// <param name="channels">In and out.</param>
    /// <param name="size">Height and width.</param>
    /// <param name="settings">How to measure.</param>
    public static BenchmarkRow Run(string name, int channels, int size, BenchmarkSettings settings)
    {
        if (settings.Quick)
        {
            (channels, size) = (channels / 6, size / 2);
        }
        using var scope = NewDisposeScope();
        using var conv = Conv.OverImage(channels, channels, kernel: 3);
        using var peak = new MatrixPeak(Precision.Float32, settings);
        using var generator = new Generator(1);
        using (no_grad())
        {
            conv.Weight.copy_(randn(conv.Weight.shape, generator: generator));
        }
        long[] shape = [settings.Quick ? 2 : 64, channels, size, size];
        var x = ChannelsLast.Arrange(randint(0, 2, shape, generator: generator).to(float32), axis: 1).requires_grad_();
        var upstream = ChannelsLast.Arrange(randn(shape, generator: generator), axis: 1);
        return EagerComparison.Run(name, settings, ForwardAndBackward, peak.Bound(Passes * 2.0 * x.numel() * channels * 9));

        void ForwardAndBackward(Backend backend)
        {
            using var inner = NewDisposeScope();
            var pass = new Pass(backend);
            pass.Gradients(conv.call(x, pass), [x, conv.Weight], upstream);
        }
    }
}
