using MsVit.MLNet;
using MsVit.Tests.Golden;
using TorchSharp;
using static TorchSharp.torch;

namespace MsVit.Tests.Network;

public sealed class RecomputedTests
{
    private static readonly MsVitConfig Small = MsVitConfig.Preset("tiny-32") with
    {
        Height = 16,
        Width = 16,
        EmbedDim = 32,
        Depths = [1, 2, 2],
        StemStride = 1,
    };

    [Theory]
    [InlineData(NeuronKind.Lif, Precision.Float32)]
    [InlineData(NeuronKind.Plif, Precision.Float32)]
    [InlineData(NeuronKind.Glif, Precision.Float32)]
    [InlineData(NeuronKind.Lif, Precision.BFloat16)]
    [InlineData(NeuronKind.IntegerLif, Precision.Float32)]
    [InlineData(NeuronKind.IntegerLif, Precision.BFloat16, true)]
    [InlineData(NeuronKind.Lif, Precision.Float32, true)]
    [InlineData(NeuronKind.Glif, Precision.Float32, true)]
    public void Two_steps_give_the_same_bits_as_with_all_activations_kept(
        NeuronKind neuron, Precision precision, bool attentionNorm = false)
    {
        using var scope = NewDisposeScope();
        var (kept, recomputed) = (Run(recompute: false), Run(recompute: true));
        Assert.Contains(kept, item => item.Key == "gradient stage3.1.mlp.mlp1_conv.weight" && item.Value.abs().max().item<float>() > 0);
        Assert.Contains(kept, item => item.Key == "gradient patch_embed1.proj_conv.weight" && item.Value.abs().max().item<float>() > 0);
        Assert.Equal(kept.Keys.Order(StringComparer.Ordinal), recomputed.Keys.Order(StringComparer.Ordinal));
        Assert.All(kept, item => Close.Equal(item.Value, recomputed[item.Key], item.Key));

        // The gradients of two passes, and what the network then holds, statistics included.
        Dictionary<string, Tensor> Run(bool recompute)
        {
            using var network = new MsVitNetwork(Small with { Neuron = neuron, AttentionNorm = attentionNorm }, seed: 3);
            network.train();
            for (var step = 0; step < 2; step++)
            {
                Pass(network, precision, recompute);
            }
            return network.named_parameters().Where(item => item.parameter.grad is not null)
                .Select(item => ("gradient " + item.name, item.parameter.grad!.clone()))
                .Concat(network.state_dict().Select(item => (item.Key, item.Value.detach().clone())))
                .ToDictionary();
        }
    }

    [Fact]
    public void Steps_leave_no_tensor_behind()
    {
        using var network = new MsVitNetwork(Small);
        network.train();
        long before = 0;
        for (var step = 0; step < 10; step++)
        {
            Pass(network, Precision.Float32, recompute: true);
            before = step == 0 ? DisposeScopeManager.Statistics.ThreadTotalLiveCount : before;
            Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        }
    }

    [Fact]
    public void Frozen_parts_get_no_gradient_and_the_others_get_theirs()
    {
        using var scope = NewDisposeScope();
        using var network = new MsVitNetwork(Small);
        network.train();
        foreach (var (name, parameter) in network.named_parameters())
        {
            _ = parameter.requires_grad_(name is "stage2.0.mlp.mlp1_conv.weight" or "head.weight");
        }
        Pass(network, Precision.Float32, recompute: true);
        Assert.Equal(
            ["head.weight", "stage2.0.mlp.mlp1_conv.weight"],
            network.named_parameters().Where(item => item.parameter.grad is not null).Select(item => item.name)
                .Order(StringComparer.Ordinal));
    }

    [Fact]
    public void An_onlooker_sees_each_block_once()
    {
        using var scope = NewDisposeScope();
        using var network = new MsVitNetwork(Small);
        var seen = new List<string>();
        var context = new ForwardContext(network, new NetworkObserver { Produced = (name, _) => seen.Add(name) }) { Recompute = true };
        using var generator = new Generator(5);
        context.Pass.Backward(network.Forward(WarmNetwork.Noise(Small, 2, generator), context).sum());
        Assert.Equal(seen.Distinct(), seen);
        Assert.Contains("stage3.1", seen);
    }

    private static void Pass(MsVitNetwork network, Precision precision, bool recompute)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(7);
        var images = WarmNetwork.Noise(network.Config, 4, generator);
        var context = new ForwardContext { Precision = precision, Recompute = recompute };
        context.Pass.Backward(network.Forward(images, context).square().sum());
    }
}
