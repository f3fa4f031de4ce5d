using MsVit.MLNet;
using MsVit.Tests.Golden;
using TorchSharp;

namespace MsVit.Tests.Network;

public sealed class FramesTests
{
    private static readonly MsVitConfig Tiny = MsVitConfig.Preset("tiny-32") with
    {
        Input = InputKind.Frames,
        Channels = 2,
        Height = 17,
        Width = 22,
        TimeSteps = 3,
        EmbedDim = 32,
    };

    [Fact]
    public void An_image_in_every_frame_gives_the_logits_and_statistics_of_the_still_image()
    {
        using var scope = torch.NewDisposeScope();
        using var still = new MsVitNetwork(Tiny with { Input = InputKind.Still }, seed: 2);
        using var moving = new MsVitNetwork(Tiny, seed: 2);
        var image = torch.randn(4, 2, 17, 22);
        var film = image.unsqueeze(0).expand(3, 4, 2, 17, 22);
        Close.Within(1e-5, still.call(image), moving.call(film), "logits in training");
        var statistics = still.named_buffers().ToDictionary(item => item.name, item => item.buffer);
        Assert.All(moving.named_buffers(), item => Close.Within(1e-5, statistics[item.name], item.buffer, item.name));
        still.eval();
        moving.eval();
        Close.Within(1e-5, still.call(image), moving.call(film), "logits in evaluation");
    }

    [Theory]
    [InlineData(NeuronKind.Lif)]
    [InlineData(NeuronKind.Plif)]
    [InlineData(NeuronKind.Glif)]
    public void Frames_go_through_a_folded_network_as_through_the_network_itself(NeuronKind neuron)
    {
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        using var network = WarmNetwork.Of(Tiny with { Neuron = neuron });
        network.to(torch.float64);
        using var folded = network.Folded();
        var frames = WarmNetwork.Noise(Tiny, 3).to(torch.float64);
        var expected = network.call(frames);
        Assert.True(expected.std().item<double>() > 1e-3);
        Close.Within(1e-9, expected, folded.Forward(frames), "logits");
    }

    [Fact]
    public void The_order_of_frames_matters()
    {
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        using var network = WarmNetwork.Of(Tiny);
        var frames = WarmNetwork.Noise(Tiny, 2);
        Assert.True((network.call(frames) - network.call(frames.flip(0))).abs().max().item<float>() > 1e-3);
    }

    [Fact]
    public void Every_parameter_learns_from_frames_in_either_precision()
    {
        using var scope = torch.NewDisposeScope();
        foreach (var precision in Enum.GetValues<Precision>())
        {
            using var network = new MsVitNetwork(Tiny);
            var context = new ForwardContext { Precision = precision };
            context.Pass.Backward(network.Forward(WarmNetwork.Noise(Tiny, 2), context).sum());
            Assert.All(network.parameters(), parameter => Assert.Equal(torch.float32, parameter.grad!.dtype));
        }
    }

    [Theory]
    [InlineData(4, 1, 17)]
    [InlineData(3, 0, 17)]
    [InlineData(3, 1, 18)]
    public void Frames_of_another_shape_are_refused_in_words(int steps, int samples, int height)
    {
        using var network = new MsVitNetwork(Tiny);
        using var frames = torch.zeros([steps, samples, 2, height, 22]);
        var message = Assert.Throws<ArgumentException>(() => network.call(frames)).Message;
        Assert.Contains($"Frames of shape [3, B, 2, 17, 22] are expected, with B at least 1; the shape is [{steps}, {samples}, 2, "
            + $"{height}, 22]", message);
    }
}
