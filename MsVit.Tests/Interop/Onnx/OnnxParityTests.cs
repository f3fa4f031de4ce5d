using MsVit.MLNet;
using MsVit.Tests.Golden;
using TorchSharp;
using TorchSharp.Modules;

namespace MsVit.Tests.Interop.Onnx;

public sealed class OnnxParityTests
{
    private const int Batch = 3;

    public static TheoryData<string> Cases => NetworkGoldenTests.Cases;

    public static TheoryData<string> Presets => [.. MsVitConfig.Presets.Select(preset => preset.Name)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_recorded_networks_spike_alike_in_ONNX_Runtime_and_give_the_recorded_probabilities(string label)
    {
        using var golden = new GoldenCase(label);
        using var scope = torch.NewDisposeScope();
        using var network = new MsVitNetwork(GoldenVariants.Config(golden.Json, ProjectionCoupling.PerSample));
        NetworkWeights.Load(network, golden.Under("state/"), "golden state");
        network.eval();
        OnnxCase.Compare(network, GoldenVariants.Input(golden));
    }

    [Theory]
    [MemberData(nameof(Presets))]
    public void A_small_network_of_each_preset_spikes_alike_in_ONNX_Runtime(string preset)
    {
        using var scope = torch.NewDisposeScope();
        using var network = Small(MsVitConfig.Preset(preset));
        OnnxCase.Compare(network, Input(network.Config, seed: 7));
    }

    // With weights of -1, 0 and 1 times a number every current is a whole number of steps: eight bits lose nothing.
    [Theory]
    [MemberData(nameof(Presets))]
    public void In_eight_bits_a_small_network_of_each_preset_spikes_alike_where_nothing_is_rounded(string preset)
    {
        using var scope = torch.NewDisposeScope();
        using var network = Small(MsVitConfig.Preset(preset));
        OnnxCase.Compare(network, Input(network.Config, seed: 7), WithWholeCurrents(network));
    }

    [Theory]
    [InlineData(NeuronKind.Lif, 1)]
    [InlineData(NeuronKind.Plif, 3)]
    [InlineData(NeuronKind.Glif, 3)]
    public void In_eight_bits_each_neuron_spikes_alike_where_nothing_is_rounded(NeuronKind neuron, int timeSteps)
    {
        using var scope = torch.NewDisposeScope();
        using var network = Small(MsVitConfig.Preset("tiny-32") with { Neuron = neuron, TimeSteps = timeSteps });
        OnnxCase.Compare(network, Input(network.Config, seed: 7), WithWholeCurrents(network));
    }

    [Theory]
    [InlineData(NeuronKind.Lif, 1)]
    [InlineData(NeuronKind.Lif, 5)]
    [InlineData(NeuronKind.Plif, 3)]
    [InlineData(NeuronKind.Glif, 1)]
    [InlineData(NeuronKind.Glif, 3)]
    public void Each_neuron_spikes_alike_over_any_number_of_time_steps(NeuronKind neuron, int timeSteps)
    {
        using var scope = torch.NewDisposeScope();
        using var network = Small(MsVitConfig.Preset("tiny-32") with { Neuron = neuron, TimeSteps = timeSteps });
        OnnxCase.Compare(network, Input(network.Config, seed: 7));
    }

    [Fact]
    public void A_network_whose_samples_influence_each_other_is_refused()
    {
        using var network = new MsVitNetwork(Sizes(MsVitConfig.Preset("tiny-32")) with { ProjectionCoupling = ProjectionCoupling.Batch });
        var e = Assert.Throws<NotSupportedException>(() => OnnxExporter.Write(Stream.Null, network, OnnxCase.Export(network.Config)));
        Assert.Contains("ProjectionCoupling.Batch", e.Message, StringComparison.Ordinal);
    }

    // The layout of the preset, in a size that runs in a moment.
    private static MsVitConfig Sizes(MsVitConfig preset) => preset with
    {
        Height = preset.StemStride >= 8 ? 32 : 16,
        Width = preset.StemStride >= 8 ? 40 : 20,
        EmbedDim = 32,
        StageDims = preset.StageDims is null ? null : [.. preset.StageDims.Select((_, stage) => stage == preset.StageDims.Count - 1 ? 32
            : 16)],
        NumHeads = 2,
        TimeSteps = preset.Input == InputKind.Frames ? 3 : preset.TimeSteps,
        Depths = [.. preset.Depths.Select(depth => Math.Min(depth, 2))],
        Classes = 5,
    };

    // With statistics of a batch, so that the neurons fire.
    private static MsVitNetwork Small(MsVitConfig preset)
    {
        var network = new MsVitNetwork(Sizes(preset), seed: 3);
        using var noGrad = torch.no_grad();
        using var scope = torch.NewDisposeScope();
        foreach (var norm in network.modules().OfType<BatchNorm>())
        {
            norm.momentum = 1;
        }
        network.train();
        _ = network.call(Input(network.Config, seed: 5));
        network.eval();
        return network;
    }

    private static Dictionary<string, CurrentRange> WithWholeCurrents(MsVitNetwork network)
    {
        // No multiple of it, halved or not, is a threshold.
        const float Step = 0.9f;
        using var noGrad = torch.no_grad();
        var (random, ranges) = (new Random(4), new Dictionary<string, CurrentRange>());
        var modules = network.named_modules().ToDictionary(item => item.name, item => item.module);
        foreach (var (name, module) in modules)
        {
            if (module is not Conv conv || conv == network.PixelConv)
            {
                continue;
            }
            var norm = (BatchNorm)modules[SpikingConv.NormOf(name)];
            var weights = Enumerable.Range(0, (int)conv.Weight.numel())
                .Select(_ => random.Next(20) switch { < 8 => Step, < 13 => -Step, _ => 0 }).ToArray();
            _ = conv.Weight.copy_(torch.tensor(weights).reshape(conv.Weight.shape));
            _ = conv.Bias?.zero_();
            _ = norm.running_mean!.zero_();
            _ = norm.running_var!.fill_(1 - norm.eps);
            _ = norm.weight!.fill_(1);
            _ = norm.bias!.fill_(Step);
            ranges.Add(name, new(-128 * Step, 127 * Step));
        }
        return ranges;
    }

    private static torch.Tensor Input(MsVitConfig config, int seed)
    {
        var random = new Random(seed);
        var shape = config.InputShape(Batch);
        var count = shape.Aggregate(1L, (product, size) => product * size);
        var values = Enumerable.Range(0, (int)count).Select(_ => config.Input == InputKind.Frames ? random.Next(4) * random.Next(2)
            : (float)((2 * random.NextDouble()) - 1)).ToArray();
        return torch.tensor(values).reshape(shape);
    }
}
