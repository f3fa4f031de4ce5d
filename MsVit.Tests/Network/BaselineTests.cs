using MsVit.MLNet;
using MsVit.MLNet.Kernels;
using MsVit.Tests.Golden;
using TorchSharp;

namespace MsVit.Tests.Network;

/// <summary>The networks that MSVIT is compared with, and its own for event cameras, at small sizes.</summary>
public sealed class BaselineTests
{
    public static TheoryData<string> Presets =>
    [
        "cifar10-dvs", "dvs128-gesture-released", "laptop-dvs",
        "qkformer-cifar10-4-384", "qkformer-imagenet-10-384", "qkformer-cifar10-dvs",
        "spikformer-cifar10-4-384", "spikformer-imagenet-8-384", "spikformer-cifar10-dvs",
    ];

    [Theory]
    [MemberData(nameof(Presets))]
    public void Every_parameter_learns_in_either_precision_and_no_tensor_stays_behind(string preset)
    {
        var config = Small(preset);
        foreach (var precision in Enum.GetValues<Precision>())
        {
            using var network = new MsVitNetwork(config);
            long settled = 0;
            for (var round = 0; round < 3; round++)
            {
                using (torch.NewDisposeScope())
                {
                    var context = new ForwardContext { Precision = precision };
                    context.Pass.Backward(network.Forward(WarmNetwork.Noise(config, 2), context).sum());
                }
                // The first round makes the gradients; torch keeps them.
                settled = round == 0 ? DisposeScopeManager.Statistics.ThreadTotalLiveCount : settled;
                Assert.Equal(settled, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
            }
            Assert.All(network.parameters(), parameter => Assert.NotNull(parameter.grad));
        }
    }

    [Theory]
    [MemberData(nameof(Presets))]
    public void Folded_composed_and_fused_passes_give_the_same_logits(string preset)
    {
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        var config = Small(preset);
        using var network = WarmNetwork.Of(config);
        using var generator = new torch.Generator(3);
        var input = WarmNetwork.Noise(config, 3, generator);
        var fused = network.call(input);
        Assert.True(fused.std().item<float>() > 1e-3);
        Close.Within(1e-5, fused, network.Forward(input, new ForwardContext { Pass = new(Backend.Eager) }), "composed");
        using var folded = network.Folded();
        Close.Within(1e-5, fused, folded.Forward(input), "folded");
    }

    private static MsVitConfig Small(string preset)
    {
        var config = MsVitConfig.Preset(preset);
        return config with
        {
            TimeSteps = 2,
            Height = 33,
            Width = 20,
            EmbedDim = 64,
            StageDims = config.StageDims is null ? null : [16, 32, 64],
            NumHeads = 4,
        };
    }
}
