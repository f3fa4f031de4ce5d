using MsVit.MLNet;
using MsVit.MLNet.Analysis;
using MsVit.Tests.Network;
using static TorchSharp.torch;

namespace MsVit.Tests.Analysis;

public sealed class SynapticOperationsTests
{
    public static TheoryData<string> Layouts => [.. Configs.Keys];

    private static readonly MsVitConfig Odd = TinyNetwork.Config with
    {
        Height = 13,
        Width = 18,
        Channels = 3,
        EmbedDim = 16,
        Depths = [1, 1, 1],
        MlpRatio = 2
    };

    private static readonly MsVitConfig Events = MsVitConfig.Preset("cifar10-dvs") with
    { Height = 21, Width = 34, EmbedDim = 32, NumHeads = 2, TimeSteps = 3 };

    private static readonly Dictionary<string, MsVitConfig> Configs = new()
    {
        ["tiny"] = TinyNetwork.Config,
        ["stride 1, GLIF"] = Odd with { Neuron = NeuronKind.Glif },
        ["stride 2, PLIF"] = Odd with { StemStride = 2, Neuron = NeuronKind.Plif },
        ["stride 4, pool first"] = Odd with { Height = 17, StemStride = 4, StagePool = PoolPlace.First },
        ["broadcast"] = Odd with { ScaleBranch = ScaleBranch.Broadcast, Neuron = NeuronKind.Plif },
        ["q twice"] = Odd with { ScaleBranch = ScaleBranch.QueryTwice },
        ["no second scale"] = Odd with { ScaleBranch = ScaleBranch.None },
        ["events"] = Events,
        ["events, released"] = Events with { StemDivisors = [4, 4, 2, 1], ScaleBranch = ScaleBranch.Summed },
        ["Spikformer"] = Odd with { Stem = StemKind.Spikformer, StemStride = 4, Depths = [2], QkvBias = true },
        ["Spikformer for events"] = Events with { Stem = StemKind.Spikformer, StemStride = 16, Depths = [2] },
    };

    [Fact]
    public void The_operations_of_a_tiny_network_are_those_counted_by_hand()
    {
        // By hand, for 4 x 4 pixels, 2 channels after the first convolution, 4 in stage 1 (16 tokens), 8 in stage 2 (4 tokens, 4 a head):
        (string, long Macs, long Parameters)[] expected =
        [
            ("patch_embed1.proj_conv", 16 * 2 * 1 * 9, 18 + 4),        // 288; weights, then gamma and beta of the batch norm
            ("patch_embed1.proj1_conv", 16 * 4 * 2 * 9, 72 + 8),       // 1152
            ("patch_embed1.proj_res_conv", 16 * 4 * 2, 8 + 8),         // 128
            ("stage1.0.tssa.q_conv", 16 * 4 * 4, 16 + 8),              // 256
            ("stage1.0.tssa.p_conv", 16 * 4 * 4 * 3, 48 + 8),          // 768, over 3 tokens
            ("stage1.0.tssa.q_sum", 16 * 4, 0),                        // 64 additions
            ("stage1.0.tssa.p_sum", 16 * 4, 0),
            ("stage1.0.tssa.k_conv", 16 * 4 * 4, 16 + 8),
            ("stage1.0.tssa.mask", 16 * 4, 0),
            ("stage1.0.tssa.proj_conv", 16 * 4 * 4, 16 + 4 + 8),       // with a bias
            ("stage1.0.mlp.mlp1_conv", 16 * 4 * 4, 16 + 4 + 8),
            ("stage1.0.mlp.mlp2_conv", 16 * 4 * 4, 16 + 4 + 8),
            ("patch_embed2.proj3_conv", 16 * 8 * 4 * 9, 288 + 16),     // 4608
            ("patch_embed2.proj4_conv", 16 * 8 * 8 * 9, 576 + 16),     // 9216, the pool is behind it
            ("patch_embed2.proj_res_conv", 4 * 8 * 4, 32 + 16),        // 128, stride 2
            ("stage2.0.ssa.q_conv", 4 * 8 * 8, 64 + 16),               // 256
            ("stage2.0.ssa.k_conv", 4 * 8 * 8, 64 + 16),
            ("stage2.0.ssa.v_conv", 4 * 8 * 8, 64 + 16),
            ("stage2.0.ssa.kv", 2 * 4 * 4 * 4, 0),                     // 128: 2 heads of [4, 4 tokens] times [4 tokens, 4]
            ("stage2.0.ssa.qkv", 2 * 4 * 4 * 4, 0),
            ("stage2.0.ssa.proj_conv", 4 * 8 * 8, 64 + 8 + 16),
            ("stage2.0.mlp.mlp1_conv", 4 * 8 * 8, 64 + 8 + 16),
            ("stage2.0.mlp.mlp2_conv", 4 * 8 * 8, 64 + 8 + 16),
            ("head", 8 * 2, 16 + 2),
        ];
        var operations = SynapticOperations.Of(TinyNetwork.Config);
        Assert.Equal(expected, operations.Layers.Select(layer => (layer.Name, layer.Macs, layer.Parameters)));
        Assert.Equal(288, operations.FirstConvolution);
        Assert.Equal(19264, operations.OnSpikes);
        Assert.Equal(288 + 19264 + 16, operations.Macs);
        Assert.Equal(1772, operations.Parameters);
    }

    [Theory]
    [MemberData(nameof(Layouts))]
    public void The_count_is_that_of_a_network_that_runs(string layout)
    {
        using var scope = NewDisposeScope();
        using var gradientFree = no_grad();
        var config = Configs[layout];
        using var network = new MsVitNetwork(config);
        var modules = network.named_modules().ToDictionary(item => item.name, item => item.module);
        var (macs, inputs, neurons) = (new Dictionary<string, long>(), new Dictionary<string, long>(), new Dictionary<string, long>());
        network.eval();
        network.Forward(WarmNetwork.Noise(config, 1), new NetworkObserver
        {
            Convolving = (name, x) =>
            {
                var conv = (Conv)modules[name];
                var once = macs.Count == 0 && config.Input == InputKind.Still;
                using var y = conv.call(once ? x : x.flatten(0, 1), new());
                var steps = once ? 1 : config.TimeSteps;
                macs.Add(name, y.numel() / steps * conv.Weight.numel() / conv.Weight.shape[0]);
                inputs.Add(name, x.numel() / steps);
            },
            Fired = (name, spikes) => neurons.Add(name, spikes.numel() / config.TimeSteps),
        });
        var operations = SynapticOperations.Of(config);
        var convolutions = operations.Layers.Where(layer => layer.Kind == OperationKind.Convolution).ToList();
        Assert.Equal(macs, convolutions.ToDictionary(layer => layer.Name, layer => layer.Macs));
        Assert.Equal(inputs, convolutions.ToDictionary(layer => layer.Name, layer => layer.Inputs));
        Assert.Equal(neurons.Values.Sum(), operations.Layers.Sum(layer => layer.Neurons));
        Assert.All(convolutions, layer => Assert.Equal(neurons[layer.Name.Replace("_conv", "_lif", StringComparison.Ordinal)],
            layer.Neurons));
        Assert.Equal(network.ParameterCount, operations.Parameters);
        Assert.All(operations.Layers.Where(layer => layer.Kind == OperationKind.Attention),
            layer => Assert.Equal(neurons[layer.Driver], layer.Inputs));
    }

    [Theory]
    [InlineData("imagenet-10-384", 17_686_216)]
    [InlineData("imagenet-10-512", 31_232_616)]
    [InlineData("imagenet-10-768", 69_802_408)]
    [InlineData("cifar10-4-384", 7_558_762)]
    [InlineData("cifar100-4-384", 7_593_412)]
    [InlineData("cifar100-4-384-released", 7_445_956)]
    [InlineData("dvs128-gesture", 1_668_491)]
    [InlineData("dvs128-gesture-released", 2_334_219)]
    [InlineData("cifar10-dvs-released", 1_558_474)]
    [InlineData("spikformer-imagenet-8-768", 66_338_632)]
    [InlineData("qkformer-imagenet-10-768", 64_962_760)]
    public void Presets_have_the_parameters_of_the_released_code(string preset, long parameters) =>
        Assert.Equal(parameters, SynapticOperations.Of(MsVitConfig.Preset(preset)).Parameters);

    [Fact]
    public void CIFARs_network_costs_eighteen_GFLOP_at_four_steps()
    {
        // 18.3 GFLOP were counted on the reference, whose first convolution runs at every step; a MAC is two operations.
        var operations = SynapticOperations.Of(MsVitConfig.Preset("cifar10-4-384"));
        Assert.Equal(18.3, 2 * 4 * operations.Macs / 1e9, tolerance: 0.2);
    }
}
