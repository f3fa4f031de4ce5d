using MsVit.MLNet;
using MsVit.MLNet.Kernels;
using MsVit.Tests.Golden;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MsVit.Tests.Network.Attention;

/// <summary>The batch norm in front of attention neurons, and integer neurons in whole networks.</summary>
public sealed class AttentionNormTests
{
    // Token scores have four channels, fewer than a vector has lanes; 32 channels are 8 a head.
    private static readonly MsVitConfig Small = MsVitConfig.Preset("tiny-32") with
    {
        Height = 16,
        Width = 16,
        EmbedDim = 32,
        NumHeads = 4,
        StemStride = 2,
        AttentionNorm = true,
    };

    public static TheoryData<NeuronKind> Neurons => [.. Enum.GetValues<NeuronKind>()];

    [Theory]
    [MemberData(nameof(Neurons))]
    public void Scores_are_normalized_by_the_batch_then_fire_and_are_tracked_once(NeuronKind neuron)
    {
        using var scope = NewDisposeScope();
        var scores = randint(0, 40, [2, 3, 4, 25], generator: new Generator(1)).to(float32);
        var upstream = randn(scores.shape, generator: new Generator(2));
        var (fused, eager) = (Run(Backend.Fused), Run(Backend.Eager));
        foreach (var (name, value) in eager)
        {
            Close.Within(name == "spikes" ? 0 : 1e-5 * Math.Max(1, value.abs().max().item<float>()), value, fused[name], name);
        }
        Close.Within(1e-6, scores.mean([0, 1, 3]) * 0.1, fused["running mean"], "a tenth of the batch's mean");
        Assert.InRange(fused["spikes"].mean().item<float>(), 0.05, 3);

        Dictionary<string, Tensor> Run(Backend backend)
        {
            using var layer = new Layer(neuron);
            layer.train();
            var x = scores.detach().requires_grad_();
            var context = new ForwardContext { Pass = new(backend) };
            var spikes = layer.Attention.Fire(x, context);
            Assert.Equal(1, layer.Norm.num_batches_tracked!.item<long>());
            var gradients = context.Pass.Gradients(spikes, [x, layer.Norm.weight!, layer.Norm.bias!], upstream);
            return new()
            {
                ["spikes"] = spikes.detach(),
                ["gradient of x"] = gradients[0],
                ["gradient of gamma"] = gradients[1],
                ["gradient of beta"] = gradients[2],
                ["running mean"] = layer.Norm.running_mean!.clone(),
                ["running variance"] = layer.Norm.running_var!.clone(),
            };
        }
    }

    [Theory]
    [MemberData(nameof(Neurons))]
    public void A_network_gives_its_logits_plain_folded_and_eagerly(NeuronKind neuron)
    {
        using var scope = NewDisposeScope();
        using var gradientFree = no_grad();
        using var network = WarmNetwork.Of(Small with { Neuron = neuron });
        using var folded = network.Folded();
        using var eager = network.Folded(pass: new(Backend.Eager));
        var images = WarmNetwork.Noise(Small, 16, new(3));
        var expected = network.call(images);
        var spread = expected.std().item<float>();
        Assert.True(spread > 1e-3);
        // A current within rounding of a threshold may fall on its other side.
        foreach (var (what, logits) in new[] { ("folded", folded.Forward(images)), ("eager", eager.Forward(images)) })
        {
            Assert.True((logits - expected).std().item<float>() < 0.1 * spread, what);
        }
    }

    [Theory]
    [InlineData(ScaleBranch.None)]
    [InlineData(ScaleBranch.Summed)]
    [InlineData(ScaleBranch.Broadcast)]
    [InlineData(ScaleBranch.QueryTwice)]
    public void Masks_fire_for_some_tokens_and_not_for_others_and_never_twice(ScaleBranch branch)
    {
        using var scope = NewDisposeScope();
        using var gradientFree = no_grad();
        using var network = WarmNetwork.Of(Small with { Neuron = NeuronKind.IntegerLif, ScaleBranch = branch });
        var seen = new Dictionary<string, Tensor>();
        network.Forward(WarmNetwork.Noise(Small, 8, new(5)), new NetworkObserver
        {
            Fired = (name, x) => seen[name] = x.clone().DetachFromDisposeScope(),
        });
        var masks = seen.Where(item => item.Key.EndsWith("tssa.attn_lif", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(masks);
        Assert.All(masks, mask => Assert.InRange(mask.Value.mean().item<float>(), 0.05, 0.95));
        Assert.All(masks, mask => Assert.True(mask.Value.le(1).all().item<bool>()));
        Assert.Contains(seen, item => item.Value.max().item<float>() == Small.Levels);
    }

    [Fact]
    public void Frozen_stages_keep_their_attention_norms_and_the_others_learn_theirs()
    {
        using var scope = NewDisposeScope();
        using var network = WarmNetwork.Of(Small);
        using var trained = new TrainedNetwork(network, new TrainingRecipe { FrozenStages = 1 }, CPU);
        trained.BeginEpoch();
        var before = State();
        var pass = new Pass();
        pass.Backward(network.Forward(WarmNetwork.Noise(Small, 8, new(7)), new ForwardContext { Pass = pass }).square().sum());
        var after = State();
        Assert.All(before, item => Assert.Equal(
            item.Key.StartsWith("stage1", StringComparison.Ordinal), item.Value.equal(after[item.Key]).all().item<bool>()));
        Assert.Contains(before.Keys, key => key.StartsWith("stage1", StringComparison.Ordinal));
        foreach (var (name, parameter) in network.named_parameters().Where(item => item.name.Contains("attn_bn", StringComparison.Ordinal)))
        {
            Assert.Equal(name.StartsWith("stage1", StringComparison.Ordinal), parameter.grad is null);
        }

        Dictionary<string, Tensor> State() => network.named_buffers()
            .Where(item => item.name.Contains("attn_bn.running", StringComparison.Ordinal))
            .ToDictionary(item => item.name, item => item.buffer.clone());
    }

    [Fact]
    public void Attention_norms_decay_with_their_blocks_and_are_restored_with_all_statistics()
    {
        using var scope = NewDisposeScope();
        using var network = new MsVitNetwork(Small);
        var decay = new LayerDecay(network.named_parameters().Select(item => item.name), 0.5);
        Assert.Equal(1, decay.LayerOf("stage1.0.tssa.attn_bn.weight"));
        Assert.Equal(decay.LayerOf("stage3.0.mlp.mlp1_conv.weight"), decay.LayerOf(network.named_parameters()
            .Select(item => item.name).Single(name => name.StartsWith("stage3.0", StringComparison.Ordinal)
                && name.EndsWith("attn_bn.bias", StringComparison.Ordinal))));
        using var statistics = new NormStatistics(network);
        network.train();
        network.call(WarmNetwork.Noise(Small, 4, new(8)));
        var mean = network.get_buffer("stage1.0.tssa.attn_bn.running_mean")!;
        Assert.True(mean.abs().max().item<float>() > 0);
        statistics.Restore();
        Assert.Equal(0, mean.abs().max().item<float>());
    }

    private sealed class Layer : nn.Module
    {
        public Layer(NeuronKind neuron)
            : base(nameof(Layer))
        {
            Attention = new(this, new NeuronFactory(neuron, 2, Surrogate.Default, timeSteps: 2, levels: 4).Create(0.3), channels: 4);
            Norm = (BatchNorm)named_modules().Single(item => item.name == AttentionNeurons.NormName).module;
            using var gradientFree = no_grad();
            // Some channels are turned over.
            Norm.weight!.copy_(linspace(-0.7, 1.9, 4));
            Norm.bias!.copy_(linspace(0.9, 0.2, 4));
        }

        public AttentionNeurons Attention { get; }

        public BatchNorm Norm { get; }
    }
}
