using MsVit.MLNet;
using MsVit.Tests.Golden;
using TorchSharp;

namespace MsVit.Tests.Network;

public sealed class MsVitNetworkTests
{
    private static readonly MsVitConfig Tiny = MsVitConfig.Preset("tiny-32") with { EmbedDim = 64 };

    [Theory]
    [InlineData("cifar10-4-384", 7_558_762)]
    [InlineData("cifar100-4-384", 7_593_412)]
    [InlineData("cifar100-4-384-released", 7_445_956)]
    [InlineData("imagenet-10-384", 17_686_216)]
    [InlineData("imagenet-10-512", 31_232_616)]
    [InlineData("imagenet-10-768", 69_802_408)]
    [InlineData("cifar10-dvs", 1_668_234)]
    [InlineData("dvs128-gesture", 1_668_491)]
    [InlineData("cifar10-dvs-released", 1_558_474)]
    [InlineData("dvs128-gesture-released", 2_334_219)]
    [InlineData("qkformer-cifar10-4-384", 6_706_234)]
    [InlineData("qkformer-cifar100-4-384", 6_740_884)]
    [InlineData("qkformer-imagenet-10-384", 16_473_688)]
    [InlineData("qkformer-imagenet-10-512", 29_079_336)]
    [InlineData("qkformer-imagenet-10-768", 64_962_760)]
    [InlineData("qkformer-cifar10-dvs", 1_504_138)]
    [InlineData("qkformer-dvs128-gesture", 1_999_371)]
    [InlineData("spikformer-cifar10-4-384", 9_324_730)]
    [InlineData("spikformer-imagenet-8-384", 16_816_024)]
    [InlineData("spikformer-imagenet-8-512", 29_689_384)]
    [InlineData("spikformer-imagenet-8-768", 66_338_632)]
    [InlineData("spikformer-cifar10-dvs", 2_566_666)]
    public void A_preset_has_as_many_parameters_as_the_reference(string preset, long expected)
    {
        using var network = new MsVitNetwork(MsVitConfig.Preset(preset));
        Assert.Equal(expected, network.ParameterCount);
    }

    [Theory]
    [InlineData(1, PoolPlace.Second, 17, 30, 5, 8)]
    [InlineData(1, PoolPlace.First, 17, 30, 5, 8)]
    [InlineData(2, PoolPlace.First, 33, 50, 5, 7)]
    [InlineData(4, PoolPlace.First, 50, 33, 4, 3)]
    [InlineData(4, PoolPlace.Second, 16, 16, 1, 1)]
    public void Any_height_and_width_work_and_are_halved_rounding_up(
        int stride, PoolPlace pool, int height, int width, int lastHeight, int lastWidth)
    {
        using var scope = torch.NewDisposeScope();
        using var network = new MsVitNetwork(Tiny with
        {
            StemStride = stride,
            StagePool = pool,
            Height = height,
            Width = width,
            Classes = 6
        });
        long[] last = [];
        var logits = network.Forward(torch.randn(3, 3, height, width), new NetworkObserver
        {
            Produced = (name, output) => last = name == "stage3.0" ? output.shape : last,
        });
        Assert.Equal([2, 3, 64, lastHeight, lastWidth], last);
        Assert.Equal([3, 6], logits.shape);
        logits.sum().backward();
        Assert.All(network.parameters(), parameter => Assert.NotNull(parameter.grad));
    }

    [Theory]
    [InlineData("cifar10-dvs", 33, 50, 3, 4)]
    [InlineData("dvs128-gesture-released", 16, 17, 1, 2)]
    [InlineData("laptop-dvs", 34, 34, 5, 5)]
    [InlineData("laptop-dvs", 64, 64, 8, 8)]
    public void Networks_of_two_stages_take_recordings_of_any_size(string preset, int height, int width, int lastHeight, int lastWidth)
    {
        using var scope = torch.NewDisposeScope();
        var config = MsVitConfig.Preset(preset) with { TimeSteps = 2, Height = height, Width = width, EmbedDim = 64 };
        using var network = new MsVitNetwork(config);
        long[] last = [];
        var logits = network.Forward(WarmNetwork.Noise(config, 3), new NetworkObserver
        {
            Produced = (name, output) => last = name == "stage2.0" ? output.shape : last,
        });
        Assert.Equal([2, 3, 64, lastHeight, lastWidth], last);
        logits.sum().backward();
        Assert.All(network.parameters(), parameter => Assert.NotNull(parameter.grad));
    }

    [Theory]
    [InlineData(NeuronKind.Lif)]
    [InlineData(NeuronKind.Plif)]
    [InlineData(NeuronKind.Glif)]
    [InlineData(NeuronKind.IntegerLif)]
    [InlineData(NeuronKind.IntegerLif, true)]
    [InlineData(NeuronKind.Glif, true)]
    public void A_few_steps_of_training_lower_the_loss_with_every_neuron(NeuronKind neuron, bool attentionNorm = false)
    {
        using var scope = torch.NewDisposeScope();
        using var network = new MsVitNetwork(
            Tiny with { Neuron = neuron, AttentionNorm = attentionNorm, EmbedDim = 32, Height = 16, Width = 16 }, seed: 3);
        using var generator = new torch.Generator(5);
        var images = torch.randn([8, 3, 16, 16], generator: generator);
        var labels = torch.arange(8);
        using var optimizer = torch.optim.AdamW(network.parameters(), lr: 0.02);
        var losses = new List<float>();
        for (var step = 0; step < 12; step++)
        {
            using var stepScope = torch.NewDisposeScope();
            optimizer.zero_grad();
            var loss = torch.nn.functional.cross_entropy(network.call(images), labels);
            loss.backward();
            optimizer.step();
            losses.Add(loss.item<float>());
        }
        Assert.True(losses[^1] < losses[0] * 0.8, string.Join(" ", losses));
    }

    [Fact]
    public void Several_threads_get_the_logits_that_one_gets()
    {
        using var network = WarmNetwork.Of(Tiny);
        using var images = torch.randn(4, 3, 32, 32);
        using var expected = Evaluate(network, images);
        Assert.True(expected.std().item<float>() > 1e-3);
        Parallel.For(0, 4, new ParallelOptions { MaxDegreeOfParallelism = 4 }, _ =>
        {
            for (var round = 0; round < 5; round++)
            {
                using var logits = Evaluate(network, images);
                Close.Equal(expected, logits, "logits");
            }
        });
    }

    [Theory]
    [InlineData(NeuronKind.Plif, false)]
    [InlineData(NeuronKind.IntegerLif, true)]
    public void Twenty_forwards_and_training_steps_leave_no_tensor_behind(NeuronKind neuron, bool attentionNorm)
    {
        using var network = new MsVitNetwork(Tiny with { EmbedDim = 32, Neuron = neuron, AttentionNorm = attentionNorm });
        using var optimizer = torch.optim.SGD(network.parameters(), 0.01);
        using var images = torch.randn(2, 3, 32, 32);
        using var labels = torch.zeros(2, torch.int64);
        long settled = 0;
        for (var round = 0; round < 20; round++)
        {
            network.eval();
            Evaluate(network, images).Dispose();
            network.train();
            using (var step = torch.NewDisposeScope())
            {
                optimizer.zero_grad();
                var context = new ForwardContext();
                context.Pass.Backward(torch.nn.functional.cross_entropy(network.Forward(images, context), labels));
                optimizer.step();
            }
            // The first round makes the gradients; torch keeps them.
            settled = round == 0 ? DisposeScopeManager.Statistics.ThreadTotalLiveCount : settled;
            Assert.Equal(settled, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        }
    }

    [Theory]
    [InlineData(NeuronKind.Plif)]
    [InlineData(NeuronKind.Glif)]
    [InlineData(NeuronKind.IntegerLif)]
    public void A_network_outlives_the_dispose_scope_that_it_was_built_in_and_disposes_of_all_it_owns(NeuronKind neuron)
    {
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        MsVitNetwork network;
        using (torch.NewDisposeScope())
        {
            network = new MsVitNetwork(Tiny with { Neuron = neuron, AttentionNorm = true, Height = 16, Width = 16 });
        }
        using (torch.NewDisposeScope())
        {
            _ = network.call(torch.randn(2, 3, 16, 16));
        }
        network.Dispose();
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void An_onlooker_sees_every_convolution_and_every_neuron_layer_once_and_changes_nothing()
    {
        using var scope = torch.NewDisposeScope();
        using var network = WarmNetwork.Of(Tiny);
        var images = torch.randn(2, 3, 32, 32);
        var seen = new List<string>();
        using var noGrad = torch.no_grad();
        var observed = network.Forward(images, new NetworkObserver
        {
            Convolving = (name, _) => seen.Add(name),
            Fired = (name, _) => seen.Add(name)
        });
        var expected = network.named_modules().Select(item => item.name)
            .Where(name => name.EndsWith("_conv", StringComparison.Ordinal) || name.EndsWith("_lif", StringComparison.Ordinal));
        Assert.Equal(expected.Order(), seen.Order());
        Close.Equal(network.call(images), observed, "logits");
    }

    [Theory]
    [InlineData(3, 32, 32, torch.ScalarType.Byte)]
    [InlineData(1, 32, 32, torch.ScalarType.Float32)]
    [InlineData(3, 32, 31, torch.ScalarType.Float32)]
    [InlineData(3, 33, 32, torch.ScalarType.Float32)]
    public void Images_of_another_shape_or_type_are_refused_in_words(int channels, int height, int width, torch.ScalarType type)
    {
        using var network = new MsVitNetwork(Tiny);
        using var images = torch.zeros([2, channels, height, width], dtype: type);
        var message = Assert.Throws<ArgumentException>(() => network.call(images)).Message;
        Assert.Contains(type == torch.float32 ? $"[2, {channels}, {height}, {width}]" : "Byte", message);
    }

    [Fact]
    public void A_single_image_without_a_batch_is_refused()
    {
        using var network = new MsVitNetwork(Tiny);
        using var image = torch.zeros(3, 32, 32);
        Assert.Contains("[B, 3, 32, 32]", Assert.Throws<ArgumentException>(() => network.call(image)).Message);
    }

    private static torch.Tensor Evaluate(MsVitNetwork network, torch.Tensor images)
    {
        using var noGrad = torch.no_grad();
        return network.call(images);
    }
}
