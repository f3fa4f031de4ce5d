using MsVit.MLNet;
using MsVit.Tests.Golden;
using TorchSharp;

namespace MsVit.Tests.Network;

public sealed class FoldedNetworkTests
{
    private static readonly MsVitConfig Tiny = MsVitConfig.Preset("tiny-32") with
    { EmbedDim = 32, Height = 16, Width = 16, StemStride = 2 };

    [Theory]
    [InlineData(NeuronKind.Lif)]
    [InlineData(NeuronKind.Plif)]
    [InlineData(NeuronKind.Glif)]
    [InlineData(NeuronKind.IntegerLif)]
    [InlineData(NeuronKind.Plif, true)]
    [InlineData(NeuronKind.Glif, true)]
    [InlineData(NeuronKind.IntegerLif, true)]
    public void In_double_precision_it_gives_the_networks_logits_with_every_neuron(NeuronKind neuron, bool attentionNorm = false)
    {
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        using var network = WarmNetwork.Of(Tiny with { Neuron = neuron, AttentionNorm = attentionNorm });
        network.to(torch.float64);
        using var folded = network.Folded();
        var images = torch.randn([3, 3, 16, 16], torch.float64);
        var expected = network.call(images);
        Assert.True(expected.std().item<double>() > 1e-3);
        Close.Within(1e-9, expected, folded.Forward(images), "logits");
    }

    [Theory]
    [InlineData(NeuronKind.Lif)]
    [InlineData(NeuronKind.Plif)]
    [InlineData(NeuronKind.Glif)]
    [InlineData(NeuronKind.IntegerLif)]
    [InlineData(NeuronKind.Lif, true)]
    [InlineData(NeuronKind.IntegerLif, true)]
    public void In_bfloat16_its_logits_are_float32_and_near_the_networks_with_every_neuron(NeuronKind neuron, bool attentionNorm = false)
    {
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        using var network = WarmNetwork.Of(Tiny with { Neuron = neuron, AttentionNorm = attentionNorm });
        using var folded = network.Folded(Precision.BFloat16);
        var images = torch.randn(64, 3, 16, 16);
        var expected = network.call(images);
        var (ours, theirs) = (new Dictionary<string, torch.Tensor>(), new Dictionary<string, torch.Tensor>());
        network.Forward(images, new NetworkObserver { Fired = (name, spikes) => theirs[name] = spikes.DetachFromDisposeScope() });
        var logits = folded.Forward(images, new NetworkObserver { Fired = (name, spikes) => ours[name] = spikes.DetachFromDisposeScope() });
        Assert.Equal(torch.float32, logits.dtype);
        Assert.Equal(torch.bfloat16, ours["patch_embed1.proj1_lif"].dtype);
        Close.Equal(theirs["patch_embed1.proj_lif"], ours["patch_embed1.proj_lif"], "spikes of the pixels");
        // Behind one convolution in bfloat16, some currents near the threshold fall on its other side.
        var agreement = theirs["patch_embed1.proj1_lif"].eq(ours["patch_embed1.proj1_lif"]).to(torch.float32).mean().item<float>();
        Assert.InRange(agreement, 0.99, 1);
        // Layer after layer that grows; an unrelated network's logits would differ by 1.4 deviations.
        var difference = (expected - logits).std().item<float>() / expected.std().item<float>();
        Assert.InRange(difference, 1e-6, 0.8);
    }

    [Fact]
    public void It_folds_every_convolution_whatever_mode_the_network_is_in()
    {
        using var scope = torch.NewDisposeScope();
        using var network = WarmNetwork.Of(Tiny);
        var images = torch.randn(2, 3, 16, 16);
        using var folded = network.Folded();
        var expected = folded.Forward(images);
        network.train();
        var statistics = network.named_buffers().ToDictionary(item => item.name, item => item.buffer.clone());
        Close.Equal(expected, folded.Forward(images), "logits");
        Assert.All(network.named_buffers(), item => Close.Equal(statistics[item.name], item.buffer, item.name));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Later_training_of_the_network_reaches_it_only_when_it_is_made_anew(bool attentionNorm)
    {
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        using var network = WarmNetwork.Of(Tiny with { AttentionNorm = attentionNorm });
        var images = torch.randn(2, 3, 16, 16);
        using var before = network.Folded();
        var expected = before.Forward(images);
        foreach (var (name, parameter) in network.named_parameters().Where(item => item.name.Contains("_bn.", StringComparison.Ordinal)))
        {
            parameter.add_(0.5);
        }
        Close.Equal(expected, before.Forward(images), "logits");
        using var after = network.Folded();
        Assert.True((expected - after.Forward(images)).abs().max().item<float>() > 1e-3);
    }

    [Theory]
    [InlineData(NeuronKind.Plif, false)]
    [InlineData(NeuronKind.IntegerLif, true)]
    public void It_leaves_no_tensor_behind_and_the_network_as_it_was(NeuronKind neuron, bool attentionNorm)
    {
        using var network = WarmNetwork.Of(Tiny with { Neuron = neuron, AttentionNorm = attentionNorm });
        using var images = torch.randn(2, 3, 16, 16);
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        for (var round = 0; round < 5; round++)
        {
            using var folded = network.Folded();
            for (var call = 0; call < 4; call++)
            {
                using var logits = folded.Forward(images);
                Assert.False(logits.requires_grad);
            }
        }
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        Assert.All(network.parameters(), parameter => Assert.True(parameter.requires_grad));
        network.call(images).Dispose();
    }

    [Fact]
    public void It_outlives_the_dispose_scope_that_it_was_made_in()
    {
        using var network = WarmNetwork.Of(Tiny);
        FoldedNetwork folded;
        using (torch.NewDisposeScope())
        {
            folded = network.Folded();
        }
        using var images = torch.randn(2, 3, 16, 16);
        folded.Forward(images).Dispose();
        folded.Dispose();
    }

    [Fact]
    public void Several_threads_get_the_logits_that_one_gets()
    {
        using var network = WarmNetwork.Of(Tiny);
        using var folded = network.Folded();
        using var images = torch.randn(4, 3, 16, 16);
        using var expected = folded.Forward(images);
        Parallel.For(0, 4, new ParallelOptions { MaxDegreeOfParallelism = 4 }, _ =>
        {
            for (var round = 0; round < 5; round++)
            {
                using var logits = folded.Forward(images);
                Close.Equal(expected, logits, "logits");
            }
        });
    }
}
