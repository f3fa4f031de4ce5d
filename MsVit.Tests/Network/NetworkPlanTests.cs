using MsVit.MLNet;
using MsVit.MLNet.Analysis;
using static TorchSharp.torch;

namespace MsVit.Tests.Network;

/// <summary>Holds the modules to the plan: names, order, weights and sizes of every layer that runs.</summary>
public sealed class NetworkPlanTests
{
    private const int Batch = 2;

    public static TheoryData<string> Layouts => [.. Configs.Keys];

    private static readonly Dictionary<string, MsVitConfig> Configs = All().ToDictionary(config => config.Name);

    [Theory]
    [MemberData(nameof(Layouts))]
    public void The_parameters_have_the_planned_names_and_shapes(string layout)
    {
        using var network = new MsVitNetwork(Configs[layout]);
        Assert.Equal(
            NetworkPlan.Of(network.Config).Layers.SelectMany(layer => layer.Parameters).Select(Text).Order(),
            network.named_parameters().Select(item => Text((item.name, item.parameter.shape))).Order());

        static string Text((string Name, long[] Shape) parameter) => $"{parameter.Name} [{string.Join(", ", parameter.Shape)}]";
    }

    [Theory]
    [MemberData(nameof(Layouts))]
    public void Convolutions_run_in_the_planned_order_on_inputs_of_the_planned_sizes(string layout)
    {
        var plan = NetworkPlan.Of(Configs[layout]);
        var planned = plan.Layers.Where(layer => layer.IsConvolution)
            .Select(layer => (layer.Conv, Shape(plan.Config, layer.Input, isFlat: layer.Kind == LayerKind.TokenConvolution),
                layer.Stride == 1));
        var observed = new List<(string, string, bool)>();
        Run(plan, modules => new() { Convolving = (name, input) => observed.Add((name, Text(input), ((Conv)modules[name]).KeepsSize)) })
            .Dispose();
        Assert.Equal(planned, observed);
    }

    [Theory]
    [MemberData(nameof(Layouts))]
    public void Every_layer_and_every_operation_has_words_of_its_own(string layout)
    {
        var config = Configs[layout];
        foreach (var names in new[]
        {
            NetworkPlan.Of(config).Layers.Select(layer => layer.Neurons).OfType<string>().ToArray(),
            [.. SynapticOperations.Of(config).Layers.Select(layer => layer.Name)],
        })
        {
            var words = names.Select(LayerWords.Of).ToArray();
            Assert.Equal(words.Distinct(), words);
            Assert.Empty(words.Intersect(names));
        }
    }

    [Fact]
    public void Words_say_where_a_layer_is_and_what_it_does()
    {
        Assert.Equal("stem, convolution 1", LayerWords.Of("patch_embed1.proj_lif"));
        Assert.Equal("stem, shortcut", LayerWords.Of("patch_embed1.proj_res_conv"));
        Assert.Equal("stage 2 embedding, convolution 1", LayerWords.Of("patch_embed2.proj3_lif"));
        Assert.Equal("stage 1, block 3: attention query", LayerWords.Of("stage1.2.tssa.q_lif"));
        Assert.Equal("stage 3, block 1: MLP hidden layer", LayerWords.Of("stage3.0.mlp.mlp1_conv"));
        Assert.Equal("classifier", LayerWords.Of("head"));
        Assert.Equal("another.layer", LayerWords.Of("another.layer"));
        Assert.Equal("stage 1, block 1", LayerWords.OfBlock("stage1.0"));
    }

    [Theory]
    [MemberData(nameof(Layouts))]
    public void Each_neuron_fires_as_many_spikes_as_the_plan_says_and_sums_stay_below_their_bound(string layout)
    {
        var plan = NetworkPlan.Of(Configs[layout]);
        Run(plan, modules => new()
        {
            Fired = (name, spikes) => Assert.Equal((modules[name] as LifNeuron)?.Dynamics.Levels ?? 1, plan.LevelsByNeurons[name]),
            Convolving = (name, input) =>
            {
                var x = plan.Layers.Single(layer => layer.Conv == name).Input;
                Assert.True(x.Most == 0 ? x.Kind is not (ActivationKind.Spikes or ActivationKind.SpikeSums)
                    : input.max().item<float>() <= x.Most, name);
            },
        }).Dispose();
    }

    [Fact]
    public void A_residual_sum_is_at_most_the_levels_of_a_neuron_times_the_layers_that_it_adds_up()
    {
        var plan = NetworkPlan.Of(new() { Neuron = NeuronKind.IntegerLif, Levels = 5, Depths = [1, 1, 2] });
        int Most(string layer) => plan.Layers.Single(item => item.Name == layer).Output.Most;
        Assert.Equal((5, 10), (Most("patch_embed3.proj4"), Most("patch_embed3.proj_res")));
        Assert.Equal((1, 1, 5, 5), (Most("stage3.0.ssa.q"), Most("stage3.0.ssa.k"), Most("stage3.0.ssa.v"), Most("stage3.0.ssa.attn")));
        Assert.Equal((15, 20, 30), (Most("stage3.0.ssa.proj"), Most("stage3.0.mlp.mlp2"), Most("stage3.1.mlp.mlp2")));
        Assert.Equal((1, 5), (Most("stage1.0.tssa.attn"), Most("stage1.0.tssa.mask")));
    }

    // Every output is put together from spikes alone, as the plan says where they go.
    [Theory]
    [MemberData(nameof(Layouts))]
    public void Each_convolution_reads_what_the_plan_says(string layout)
    {
        using var gradientFree = no_grad();
        using var scope = NewDisposeScope();
        var plan = NetworkPlan.Of(Configs[layout]);
        var outputs = new Dictionary<string, Tensor>();
        var read = 0;
        Run(plan, _ => new()
        {
            Fired = (name, spikes) =>
            {
                var layer = plan.Layers.Single(layer => layer.Neurons == name);
                var output = outputs[layer.Name] = Output(layer, spikes).DetachFromDisposeScope();
                scope.Attach(output);
            },
            Convolving = (name, input) =>
            {
                var x = plan.Layers.Single(layer => layer.Conv == name).Input;
                if (x.Kind is not (ActivationKind.Pixels or ActivationKind.EventCounts))
                {
                    var planned = outputs.TryGetValue(x.Name, out var output) ? output
                        : Masked(plan.Layers.Single(layer => layer.Name == x.Name));
                    Assert.True(planned.reshape(input.shape).eq(input).all().item<bool>(), name);
                    read++;
                }
            },
        });
        Assert.Equal(plan.Layers.Count(layer => layer.IsConvolution) - 1, read);

        Tensor Output(PlannedLayer layer, Tensor spikes)
        {
            var pooled = layer.Pool == PoolOrder.AfterNeurons
                ? nn.functional.max_pool2d(spikes.flatten(0, 1), 3, 2, 1).unflatten(0, spikes.shape[0], spikes.shape[1])
                : spikes.clone();
            return layer.Residual is null ? pooled : pooled + outputs[layer.Residual.Name].reshape(pooled.shape);
        }

        Tensor Masked(PlannedLayer mask) => outputs[mask.Inputs[0].Name].unflatten(2, mask.Heads, -1)
            * outputs[mask.Inputs[1].Name].flatten(2, -2).unflatten(2, mask.Heads, -1);
    }

    [Theory]
    [MemberData(nameof(Layouts))]
    public void Neurons_fire_in_the_planned_order_and_number(string layout)
    {
        var plan = NetworkPlan.Of(Configs[layout]);
        var planned = plan.Layers.Where(layer => layer.Neurons is not null).Select(layer => (
            layer.Neurons!, Batch * plan.Config.TimeSteps * layer.Fired.Values, layer.Kind == LayerKind.Convolution ? layer.Fired.Width
                : layer.Fired.Tokens));
        var observed = new List<(string, long, long)>();
        Run(plan, _ => new() { Fired = (name, spikes) => observed.Add((name, spikes.numel(), spikes.shape[^1])) }).Dispose();
        Assert.Equal(planned, observed);
    }

    [Theory]
    [MemberData(nameof(Layouts))]
    public void Embeddings_and_blocks_give_what_the_last_of_their_layers_is_planned_to_give(string layout)
    {
        var plan = NetworkPlan.Of(Configs[layout]);
        var planned = plan.Layers.Where(layer => layer.Kind != LayerKind.Linear)
            .GroupBy(layer => layer.Block ?? (layer.Part == LayerPart.Head ? layer.Name : layer.Module))
            .Select(part => (part.Key, part.Key == "features" ? $"[{plan.Config.TimeSteps}, {Batch}, {part.Last().Output.Channels}]"
                : Shape(plan.Config, part.Last().Output)));
        var observed = new List<(string, string)>();
        using var logits = Run(plan, _ => new() { Produced = (name, output) => observed.Add((name, Text(output))) });
        Assert.Equal(planned, observed);
        Assert.Equal([Batch, plan.Layers[^1].Output.Channels], logits.shape);
    }

    [Theory]
    [MemberData(nameof(Layouts))]
    public void The_last_stage_has_one_token_for_as_many_pixels_as_a_config_is_checked_for(string layout)
    {
        var plan = NetworkPlan.Of(Configs[layout]);
        var pixels = NetworkPlan.PixelsPerToken(plan.Config);
        var smallest = NetworkPlan.Of(plan.Config with { Height = pixels, Width = pixels + 1 });
        Assert.Equal((1, 2), Last(smallest));
        Assert.Equal(((plan.Config.Height + pixels - 1) / pixels, (plan.Config.Width + pixels - 1) / pixels), Last(plan));

        static (int, int) Last(NetworkPlan plan) => plan.Layers.Last(layer => layer.Part == LayerPart.Mlp).Output is var x
            ? (x.Height, x.Width) : default;
    }

    // Every stem at each of its strides, every neuron, every second scale, and the layout of each preset, in sizes that run in a moment.
    private static IEnumerable<MsVitConfig> All()
    {
        var small = new MsVitConfig
        {
            TimeSteps = 2,
            Height = 9,
            Width = 14,
            Classes = 3,
            EmbedDim = 32,
            Depths = [1, 1, 1],
            NumHeads = 2,
            MlpRatio = 2,
            Threshold = 0.5,
            AttentionThreshold = 0.5,
        };
        foreach (var stem in Enum.GetValues<StemKind>())
        {
            foreach (var stride in StemLayout.Strides(stem))
            {
                var sized = small with { Stem = stem, StemStride = stride, Depths = [1, 1], Height = (4 * stride) + 1, Width = 5 * stride };
                yield return sized with { Name = $"{stem} stem, stride {stride}" };
                yield return sized with { Name = $"{stem} stem, stride {stride}, frames", Input = InputKind.Frames };
            }
        }
        foreach (var neuron in Enum.GetValues<NeuronKind>())
        {
            foreach (var branch in Enum.GetValues<ScaleBranch>())
            {
                yield return small with { Name = $"{neuron}, {branch}", Neuron = neuron, ScaleBranch = branch };
            }
        }
        foreach (var branch in Enum.GetValues<ScaleBranch>())
        {
            var normed = small with { Name = $"attention norm, {branch}", ScaleBranch = branch, AttentionNorm = true, NumHeads = 4 };
            yield return normed;
            yield return normed with { Name = $"integer, {normed.Name}", Neuron = NeuronKind.IntegerLif, TimeSteps = 1 };
        }
        foreach (var pool in Enum.GetValues<PoolPlace>())
        {
            yield return small with { Name = $"pool {pool}", StagePool = pool, QkvBias = true };
        }
        foreach (var preset in MsVitConfig.Presets)
        {
            yield return preset with
            {
                TimeSteps = 2,
                Height = NetworkPlan.PixelsPerToken(preset) + 1,
                Width = (2 * NetworkPlan.PixelsPerToken(preset)) - 1,
                Classes = 3,
                EmbedDim = 32,
                StageDims = preset.StageDims is null ? null : [8, 16, 32],
                NumHeads = 4,
                Depths = [.. preset.Depths.Select(depth => Math.Min(depth, 2))],
            };
        }
    }

    private static Tensor Run(NetworkPlan plan, Func<Dictionary<string, nn.Module>, NetworkObserver> observer)
    {
        using var gradientFree = no_grad();
        using var scope = NewDisposeScope();
        using var generator = new Generator(3);
        using var network = WarmNetwork.Of(plan.Config);
        var input = WarmNetwork.Noise(plan.Config, Batch, generator);
        return scope.MoveToOuter(network.Forward(input, observer(
            network.named_modules().ToDictionary(item => item.name, item => item.module))));
    }

    // A still image is convolved once.
    private static string Shape(MsVitConfig config, Activation x, bool isFlat = false)
    {
        long[] time = x.Kind == ActivationKind.Pixels ? [] : [config.TimeSteps];
        return $"[{string.Join(", ", (long[])[.. time, Batch, x.Channels, .. isFlat ? (long[])[x.Tokens] : [x.Height, x.Width]])}]";
    }

    private static string Text(Tensor tensor) => $"[{string.Join(", ", tensor.shape)}]";
}
