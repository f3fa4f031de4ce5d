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

    [Theory]
    [InlineData(1, 4, ScaleBranch.Summed)]
    [InlineData(2, 4, ScaleBranch.Broadcast)]
    [InlineData(3, 3, ScaleBranch.None)]
    [InlineData(1, 16, ScaleBranch.QueryTwice)]
    [InlineData(1, 1, ScaleBranch.Pointwise)]
    public void Integer_neurons_count_alike_in_ONNX_Runtime(int timeSteps, int levels, ScaleBranch branch)
    {
        using var scope = torch.NewDisposeScope();
        using var network = Small(Integer(timeSteps, levels) with { ScaleBranch = branch });
        OnnxCase.Compare(network, Input(network.Config, seed: 7));
    }

    [Theory]
    [InlineData(1, 4, ScaleBranch.Summed)]
    [InlineData(1, 16, ScaleBranch.Broadcast)]
    [InlineData(1, 3, ScaleBranch.None)]
    [InlineData(2, 4, ScaleBranch.Summed)]
    [InlineData(3, 3, ScaleBranch.Broadcast)]
    public void In_eight_bits_integer_neurons_count_alike_where_nothing_is_rounded(int timeSteps, int levels, ScaleBranch branch)
    {
        using var scope = torch.NewDisposeScope();
        using var network = Small(Integer(timeSteps, levels) with { ScaleBranch = branch });
        OnnxCase.Compare(network, Input(network.Config, seed: 7), WithWholeCurrents(network));
    }

    // 16 channels of up to 16 spikes are 256, which a byte does not hold.
    [Theory]
    [InlineData(ScaleBranch.Summed)]
    [InlineData(ScaleBranch.Broadcast)]
    public void In_eight_bits_a_head_whose_spikes_a_byte_cannot_count_is_counted_in_parts(ScaleBranch branch)
    {
        using var scope = torch.NewDisposeScope();
        using var network = Small(Integer(timeSteps: 1, levels: 16) with { ScaleBranch = branch, NumHeads = 1, AttentionNorm = false });
        var ranges = WithWholeCurrents(network);
        using var noGrad = torch.no_grad();
        foreach (var (name, bias) in network.named_parameters().Where(item => item.name.EndsWith(".q_bn.bias", StringComparison.Ordinal)))
        {
            _ = bias.fill_(16);
        }
        OnnxCase.Compare(network, Input(network.Config, seed: 7), ranges);
    }

    [Fact]
    public void In_eight_bits_sums_that_a_byte_may_not_hold_are_refused()
    {
        var config = Sizes(Integer(timeSteps: 1, levels: 16)) with { Depths = [1, 1, 7] };
        using var network = new MsVitNetwork(config);
        var export = OnnxCase.Export(config);
        var e = Assert.Throws<NotSupportedException>(
            () => OnnxExporter.Write(Stream.Null, network, export with { Ranges = new Dictionary<string, CurrentRange>() }));
        Assert.Contains("That of stage3.6.mlp.mlp2 can reach 256, because Levels is 16", e.Message, StringComparison.Ordinal);
        OnnxExporter.Write(Stream.Null, network, export);
    }

    [Fact]
    public void A_network_whose_samples_influence_each_other_is_refused()
    {
        using var network = new MsVitNetwork(Sizes(MsVitConfig.Preset("tiny-32")) with { ProjectionCoupling = ProjectionCoupling.Batch });
        var e = Assert.Throws<NotSupportedException>(() => OnnxExporter.Write(Stream.Null, network, OnnxCase.Export(network.Config)));
        Assert.Contains("ProjectionCoupling.Batch", e.Message, StringComparison.Ordinal);
    }

    private static MsVitConfig Integer(int timeSteps, int levels) => MsVitConfig.Preset("tiny-32") with
    {
        Neuron = NeuronKind.IntegerLif,
        TimeSteps = timeSteps,
        Levels = levels,
        AttentionNorm = true,
    };

    // The layout of the preset, in a size that runs in a moment.
    private static MsVitConfig Sizes(MsVitConfig preset) => preset with
    {
        Height = preset.StemStride >= 8 ? 32 : 16,
        Width = preset.StemStride >= 8 ? 40 : 20,
        EmbedDim = 32,
        StageDims = preset.StageDims is null ? null : [.. preset.StageDims.Select((_, stage) => stage == preset.StageDims.Count - 1 ? 32
            : 16)],
        NumHeads = preset.NumHeads == 1 ? 1 : 2,
        TimeSteps = preset.Input == InputKind.Frames ? 3 : preset.TimeSteps,
        Depths = [.. preset.Depths.Select(depth => Math.Min(depth, 2))],
        Classes = 5,
    };

    // With statistics of a batch, so that the neurons fire.
    internal static MsVitNetwork Small(MsVitConfig preset)
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
        var isInteger = network.Config.Neuron == NeuronKind.IntegerLif;
        // No multiple of it, halved or not, is a threshold; of 0.37, none is half a spike.
        var step = isInteger ? 0.37f : 0.9f;
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
            // Counts are larger than spikes, so fewer of them are added up.
            var odds = isInteger ? (int)Math.Max(20, conv.Weight.numel() / conv.Weight.shape[0]) : 20;
            var weights = Enumerable.Range(0, (int)conv.Weight.numel())
                .Select(_ => random.Next(odds) switch { < 8 => step, < 13 => -step, _ => 0 }).ToArray();
            _ = conv.Weight.copy_(torch.tensor(weights).reshape(conv.Weight.shape));
            _ = conv.Bias?.zero_();
            _ = norm.running_mean!.zero_();
            _ = norm.running_var!.fill_(1 - norm.eps);
            _ = norm.weight!.fill_(1);
            _ = norm.bias!.fill_(step);
            ranges.Add(name, new(-128 * step, 127 * step));
        }
        return ranges;
    }

    internal static torch.Tensor Input(MsVitConfig config, int seed)
    {
        var random = new Random(seed);
        var shape = config.InputShape(Batch);
        var count = shape.Aggregate(1L, (product, size) => product * size);
        var values = Enumerable.Range(0, (int)count).Select(_ => config.Input == InputKind.Frames ? random.Next(4) * random.Next(2)
            : (float)((2 * random.NextDouble()) - 1)).ToArray();
        return torch.tensor(values).reshape(shape);
    }
}
