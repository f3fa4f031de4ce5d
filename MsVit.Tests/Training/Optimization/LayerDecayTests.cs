using MsVit.MLNet;
using TorchSharp;

namespace MsVit.Tests.Training.Optimization;

public sealed class LayerDecayTests
{
    private static readonly MsVitConfig Config = MsVitConfig.Preset("tiny-32") with { EmbedDim = 32, Depths = [1, 2, 3] };

    [Theory]
    [InlineData("patch_embed1.proj_conv.weight", 0)]
    [InlineData("stage1.0.mlp.mlp1_conv.weight", 1)]
    [InlineData("patch_embed2.proj3_conv.weight", 2)]
    [InlineData("stage2.0.mlp.mlp1_conv.weight", 2)]
    [InlineData("stage2.1.mlp.mlp1_bn.bias", 3)]
    [InlineData("patch_embed3.proj_res_bn.weight", 4)]
    [InlineData("stage3.2.mlp.mlp2_conv.bias", 6)]
    [InlineData("head.weight", 7)]
    public void Layers_go_from_the_stem_through_the_blocks_to_the_head(string name, int layer)
    {
        using var network = new MsVitNetwork(Config);
        Assert.Contains(name, network.state_dict().Keys);
        var decay = new LayerDecay(network.named_parameters().Select(item => item.name), 0.5);
        Assert.Equal(7, decay.Last);
        Assert.Equal(layer, decay.LayerOf(name));
        Assert.Equal(Math.Pow(0.5, 7 - layer), decay.RateOf(name));
    }

    [Fact]
    public void Without_decay_a_step_moves_the_stem_as_far_as_the_head_and_with_it_less()
    {
        Assert.Equal(1, Moved(1), 3);
        Assert.Equal(Math.Pow(0.5, 7), Moved(0.5), 4);

        // How far the first step moves the stem's weights for each unit that it moves the head's: Adam's first step is the rate.
        static double Moved(double factor)
        {
            using var scope = torch.NewDisposeScope();
            using var network = new MsVitNetwork(Config);
            using var before = new MsVitNetwork(Config);
            using var optimizer = new AdamW(network, new() { WeightDecay = 0, LayerDecay = factor });
            foreach (var parameter in network.parameters())
            {
                parameter.grad = torch.ones_like(parameter);
            }
            optimizer.Step(0.01);
            return Distance("patch_embed1.proj_conv.weight") / Distance("head.weight");

            double Distance(string name) => (network.get_parameter(name)! - before.get_parameter(name)!).abs().mean().item<float>();
        }
    }

    [Fact]
    public void A_network_without_stages_has_one_layer()
    {
        var decay = new LayerDecay(["weight", "bias"], 0.5);
        Assert.Equal(1, decay.RateOf("weight"));
    }
}
