using MsVit.MLNet;
using TorchSharp;

namespace MsVit.Tests.Network;

public sealed class InitialWeightsTests
{
    private static readonly MsVitConfig Tiny = MsVitConfig.Preset("tiny-32") with { EmbedDim = 64 };

    [Fact]
    public void The_same_seed_gives_the_same_bits_and_another_seed_other_weights()
    {
        using var scope = torch.NewDisposeScope();
        using var one = new MsVitNetwork(Tiny with { Neuron = NeuronKind.Glif }, seed: 9);
        using var same = new MsVitNetwork(Tiny with { Neuron = NeuronKind.Glif }, seed: 9);
        using var other = new MsVitNetwork(Tiny with { Neuron = NeuronKind.Glif }, seed: 10);
        foreach (var (name, tensor) in one.state_dict())
        {
            Golden.Close.Equal(tensor, same.state_dict()[name], name);
        }
        Assert.NotEqual(one.state_dict()["head.weight"].sum().item<float>(), other.state_dict()["head.weight"].sum().item<float>());
    }

    [Fact]
    public void Known_weights_of_seed_0_do_not_change_from_version_to_version()
    {
        using var network = new MsVitNetwork(Tiny, seed: 0);
        var state = network.state_dict();
        // Computed by a separate implementation of the stream.
        Close([0.100048468, 0.075536169, -0.138650447], state["patch_embed1.proj_conv.weight"]);
        Close([0.006315980, 0.015992906, 0.017479142], state["head.weight"]);

        static void Close(double[] expected, torch.Tensor weight) =>
            Assert.All(expected.Index(), item => Assert.Equal(item.Item, weight.data<float>()[item.Index], 1e-8));
    }

    [Fact]
    public void Convolutions_fill_plus_minus_one_over_the_root_of_their_fan_in()
    {
        using var scope = torch.NewDisposeScope();
        using var network = new MsVitNetwork(Tiny);
        var state = network.state_dict();
        Spread(state["stage3.0.mlp.mlp1_conv.weight"], 1 / Math.Sqrt(64), 0.02);
        Spread(state["stage3.0.mlp.mlp1_conv.bias"], 1 / Math.Sqrt(64), 0.15);
        Spread(state["patch_embed3.proj4_conv.weight"], 1 / Math.Sqrt(64 * 9), 0.02);
    }

    [Fact]
    public void The_head_is_normal_with_deviation_0_02_and_batch_norms_are_neutral()
    {
        using var scope = torch.NewDisposeScope();
        using var network = new MsVitNetwork(Tiny with { Classes = 1000 });
        var state = network.state_dict();
        var head = state["head.weight"];
        Assert.Equal(0, head.mean().item<float>(), 3e-4);
        Assert.Equal(0.02, head.std().item<float>(), 3e-4);
        Assert.InRange(head.abs().max().item<float>(), 0.07f, 0.12f);
        Assert.Equal(0, state["head.bias"].abs().max().item<float>());
        Assert.Equal(1, state["stage1.0.tssa.q_bn.weight"].min().item<float>());
        Assert.Equal(0, state["stage1.0.tssa.q_bn.bias"].abs().max().item<float>());
    }

    // Uniform in (-range, range): mean 0, deviation range / sqrt 3, and the ends are nearly reached.
    private static void Spread(torch.Tensor weight, double range, double share)
    {
        Assert.True(weight.abs().max().item<float>() <= range);
        Assert.True(weight.abs().max().item<float>() >= range * (1 - share));
        Assert.Equal(0, weight.mean().item<float>(), share * range);
        Assert.Equal(range / Math.Sqrt(3), weight.std().item<float>(), share * range);
    }
}
