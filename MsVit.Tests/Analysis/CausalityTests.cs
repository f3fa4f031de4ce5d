using MsVit.MLNet;
using MsVit.MLNet.Analysis;
using MsVit.Tests.Network;
using static TorchSharp.torch;

namespace MsVit.Tests.Analysis;

public sealed class CausalityTests
{
    private const int Longest = 4;

    [Theory]
    [InlineData(NeuronKind.Lif, InputKind.Still)]
    [InlineData(NeuronKind.Plif, InputKind.Still)]
    [InlineData(NeuronKind.Glif, InputKind.Still)]
    [InlineData(NeuronKind.Lif, InputKind.Frames)]
    [InlineData(NeuronKind.Glif, InputKind.Frames)]
    [InlineData(NeuronKind.IntegerLif, InputKind.Still)]
    [InlineData(NeuronKind.IntegerLif, InputKind.Frames)]
    [InlineData(NeuronKind.Lif, InputKind.Still, true)]
    [InlineData(NeuronKind.IntegerLif, InputKind.Frames, true)]
    public void The_first_steps_of_a_long_run_are_a_short_run(NeuronKind neuron, InputKind input, bool attentionNorm = false) =>
        AssertPrefix(TinyNetwork.Config with
        {
            TimeSteps = Longest,
            Neuron = neuron,
            Input = input,
            EmbedDim = 16,
            Depths = [1, 1, 1],
            AttentionNorm = attentionNorm,
        });

    [Fact]
    public void Baselines_are_causal_too() => AssertPrefix(TinyNetwork.Config with
    {
        TimeSteps = Longest,
        Height = 8,
        Width = 8,
        EmbedDim = 16,
        Stem = StemKind.Spikformer,
        StemStride = 4,
        Depths = [2],
    });

    [Fact]
    public void A_network_runs_longer_than_it_was_trained_for()
    {
        using var scope = NewDisposeScope();
        var config = TinyNetwork.Config;
        using var network = WarmNetwork.Of(config);
        var input = WarmNetwork.Noise(config, 3);
        var own = Features(network, config.TimeSteps, input);
        Assert.Equal(own.data<float>().ToArray(),
            Features(network, 16, input).slice(0, 0, config.TimeSteps, 1).contiguous().data<float>().ToArray());
    }

    [Fact]
    public void Frames_and_GLIF_cannot_run_for_longer_and_say_why()
    {
        using var frames = new MsVitNetwork(TinyNetwork.Config with { Input = InputKind.Frames });
        Assert.Contains("that is how many frames it reads", Assert.Throws<ArgumentException>(() => Features(frames, 3, zeros(1))).Message,
            StringComparison.Ordinal);
        using var glif = new MsVitNetwork(TinyNetwork.Config with { Neuron = NeuronKind.Glif });
        Assert.Contains("parameters for each time step", Assert.Throws<ArgumentException>(() => Features(glif, 3, zeros(1))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Samples_that_influence_each_other_are_refused()
    {
        using var network = new MsVitNetwork(TinyNetwork.Config with { ProjectionCoupling = ProjectionCoupling.Batch });
        Assert.Throws<ArgumentException>(() => Features(network, 2, zeros(1)));
    }

    private static void AssertPrefix(MsVitConfig config)
    {
        using var scope = NewDisposeScope();
        using var gradientFree = no_grad();
        using var network = WarmNetwork.Of(config);
        var input = WarmNetwork.Noise(config, 3);
        var whole = Features(network, Longest, input);
        using var analyzed = new AnalyzedNetwork(network, Longest, Precision.Float32, CPU);
        var probabilities = analyzed.Probabilities(whole);
        Assert.True(whole.any().item<bool>(), "A silent network shows nothing.");
        for (var t = 1; t < Longest; t++)
        {
            using var cut = new AnalyzedNetwork(network, t, Precision.Float32, CPU);
            var start = config.Input == InputKind.Frames ? input.slice(0, 0, t, 1).contiguous() : input;
            Tensor? features = null;
            var logits = cut.Forward(start, new()
            {
                Produced = (name, x) => features = name == "features"
                ? x.clone().MoveToOuterDisposeScope() : features
            });
            Assert.Equal(features!.data<float>().ToArray(), whole.slice(0, 0, t, 1).contiguous().data<float>().ToArray());
            Assert.True(allclose(logits.softmax(1), probabilities[t - 1], atol: 1e-6));
        }
    }

    private static Tensor Features(MsVitNetwork network, int timeSteps, Tensor input)
    {
        using var gradientFree = no_grad();
        using var analyzed = new AnalyzedNetwork(network, timeSteps, Precision.Float32, CPU);
        Tensor? features = null;
        analyzed.Forward(input, new()
        {
            Produced = (name, x) => features = name == "features" ? x.clone().DetachFromDisposeScope()
            : features
        });
        return features!;
    }
}
