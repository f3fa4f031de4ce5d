using MsVit.MLNet;
using MsVit.Tests.Golden;
using TorchSharp;

namespace MsVit.Tests.Interop;

public sealed class NetworkWeightsTests
{
    private static readonly MsVitConfig Tiny = MsVitConfig.Preset("tiny-32") with { EmbedDim = 16 };

    [Fact]
    public void A_saved_network_is_loaded_bit_for_bit_into_one_of_another_seed()
    {
        using var scope = torch.NewDisposeScope();
        using var saved = new MsVitNetwork(Tiny, seed: 1);
        using var loaded = new MsVitNetwork(Tiny, seed: 2);
        using var stream = new MemoryStream();
        NetworkWeights.Save(saved, stream);
        stream.Position = 0;
        NetworkWeights.Load(loaded, stream, "saved");
        foreach (var (name, tensor) in saved.state_dict())
        {
            Close.Equal(tensor, loaded.state_dict()[name], name);
        }
    }

    [Fact]
    public void The_names_of_the_imagenet_code_are_understood()
    {
        Assert.Equal("stage3.0.ssa.attn_lif.w", ReferenceNames.ToOurs("stage3.0.attn.attn_lif.w"));
        Assert.Equal("stage1.0.mlp.mlp2_bn.running_var", ReferenceNames.ToOurs("stage1.0.mlp.fc2_bn.running_var"));
        Assert.Equal("stage1.0.tssa.attn_lif.w", ReferenceNames.ToOurs("stage1.0.tssa.attn_lif.w"));
    }

    [Fact]
    public void All_misfits_are_named_in_one_error_and_the_network_stays_as_it_was()
    {
        using var scope = torch.NewDisposeScope();
        using var network = new MsVitNetwork(Tiny, seed: 1);
        var before = network.state_dict().ToDictionary(pair => pair.Key, pair => pair.Value.clone());
        var tensors = network.state_dict().ToDictionary(pair => pair.Key, pair => torch.zeros_like(pair.Value));
        tensors.Remove("head.bias");
        tensors["head.extra"] = torch.zeros(1);
        tensors["head.weight"] = torch.zeros(7, 16);
        tensors["patch_embed1.proj_bn.num_batches_tracked"] = torch.tensor(0f);
        tensors["stage1.0.mlp.fc1_conv.bias"] = torch.zeros(32);

        var message = Assert.Throws<InvalidDataException>(() => NetworkWeights.Load(network, tensors, "other.safetensors")).Message;
        Assert.StartsWith("other.safetensors does not fit the network tiny-32", message);
        Assert.Contains("1 missing: head.bias", message);
        Assert.Contains("1 unexpected: head.extra", message);
        Assert.Contains("1 named twice: stage1.0.mlp.mlp1_conv.bias and stage1.0.mlp.fc1_conv.bias", message);
        Assert.Contains("head.weight (Float32 [7, 16] instead of Float32 [10, 16])", message);
        Assert.Contains("patch_embed1.proj_bn.num_batches_tracked (Float32 [] instead of Int64 [])", message);
        foreach (var (name, tensor) in network.state_dict())
        {
            Close.Equal(before[name], tensor, name);
        }
    }

    [Fact]
    public void Half_precision_weights_are_widened()
    {
        using var scope = torch.NewDisposeScope();
        using var network = new MsVitNetwork(Tiny, seed: 1);
        var half = network.state_dict().ToDictionary(pair => pair.Key, pair => pair.Value.is_floating_point()
            ? pair.Value.to_type(torch.bfloat16) : pair.Value);
        NetworkWeights.Load(network, half, "half");
        Assert.Equal(torch.float32, network.state_dict()["head.weight"].dtype);
        Close.Equal(half["head.weight"], network.state_dict()["head.weight"], "head.weight");
    }
}
