using MsVit.MLNet;
using MsVit.MLNet.Kernels;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MsVit.Tests.Network;

/// <summary>Integer neurons are a way to compute with spikes: over T x D virtual steps of 0 and 1, a network does the same.</summary>
public sealed class UnrolledNetworkTests
{
    // Weights that are multiples of 1/256 make sums of a few thousand counts exact in float32, in any order.
    private const float Steps = 256;

    private const int Batch = 4, Size = 16;

    [Theory]
    [InlineData(1, 4, ScaleBranch.Summed)]
    [InlineData(1, 4, ScaleBranch.Broadcast)]
    [InlineData(1, 4, ScaleBranch.None)]
    [InlineData(1, 3, ScaleBranch.Summed)]
    [InlineData(2, 3, ScaleBranch.Broadcast)]
    [InlineData(2, 3, ScaleBranch.None)]
    [InlineData(2, 4, ScaleBranch.Summed)]
    [InlineData(2, 4, ScaleBranch.Broadcast)]
    [InlineData(2, 4, ScaleBranch.None)]
    public void Driven_by_single_spikes_alone_every_neuron_of_a_trained_network_receives_the_same_sums_to_the_bit(
        int timeSteps, int levels, ScaleBranch branch)
    {
        using var scope = NewDisposeScope();
        using var network = Trained(new MsVitConfig
        {
            Name = "unrolled",
            Neuron = NeuronKind.IntegerLif,
            Levels = levels,
            TimeSteps = timeSteps,
            ScaleBranch = branch,
            AttentionNorm = true,
            Height = Size,
            Width = Size,
            Classes = 10,
            EmbedDim = 32,
            Depths = [1, 1, 2],
            NumHeads = 2,
            MlpRatio = 2,
        });
        using var gradientFree = no_grad();
        var image = Images(first: 1000);
        var (currents, spikes, logits) = Observe(network, image, scope);
        var unrolled = new UnrolledNetwork(network);
        var unrolledLogits = unrolled.Forward(image);

        Assert.All(unrolled.Read, train => Assert.True(train.eq(0).logical_or(train.eq(1)).all().item<bool>()));
        Assert.Equal(spikes.Keys, unrolled.Spikes.Keys);
        foreach (var (name, expected) in currents)
        {
            Assert.True(Equal(expected, unrolled.Currents[name]), $"{name}: the sums differ.");
        }
        foreach (var (name, expected) in spikes)
        {
            Assert.True(Equal(expected, unrolled.Spikes[name]), $"{name}: the spikes differ.");
        }
        Assert.True(logits.allclose(unrolledLogits, rtol: 1e-5, atol: 1e-5));
        // Counts, masks that mask some tokens, and products that pass some.
        Assert.Contains(spikes.Values, layer => layer.max().item<float>() == levels);
        Assert.All(spikes.Where(layer => layer.Key.EndsWith("attn_lif", StringComparison.Ordinal)),
            layer => Assert.InRange(layer.Value.gt(0).to(float32).mean().item<float>(), 0.01f, 0.99f));
    }

    private static bool Equal(Tensor expected, Tensor actual) => expected.reshape(actual.shape).eq(actual).all().item<bool>();

    // The network's own sums: what its folded convolutions give for what they read. Attention's are seen through its spikes.
    private static (Dictionary<string, Tensor> Currents, Dictionary<string, Tensor> Spikes, Tensor Logits) Observe(
        MsVitNetwork network, Tensor image, DisposeScope scope)
    {
        var modules = network.named_modules().ToDictionary(item => item.name, item => item.module);
        var (currents, spikes, steps) = (new Dictionary<string, Tensor>(), new Dictionary<string, Tensor>(), network.Config.TimeSteps);
        using var whole = network.Folded();
        var logits = whole.Forward(image, new NetworkObserver
        {
            Convolving = (name, x) =>
            {
                using var folded = new FoldedConv((Conv)modules[name], (BatchNorm)modules[SpikingConv.NormOf(name)]);
                var isStill = x.dim() == folded.Weight.dim();
                var current = folded.Forward(isStill ? x : x.flatten(0, 1), new Pass());
                current = isStill ? current.repeat(steps, 1, 1, 1) : current;
                currents.Add(name.Replace("_conv", "_lif", StringComparison.Ordinal), Kept(current));
            },
            Fired = (name, fired) => spikes.Add(name, Kept(fired.flatten(0, 1))),
        });
        return (currents, spikes, logits);

        Tensor Kept(Tensor x)
        {
            var copy = x.clone().DetachFromDisposeScope();
            scope.Attach(copy);
            return copy;
        }
    }

    private static MsVitNetwork Trained(MsVitConfig config)
    {
        var network = new MsVitNetwork(config, seed: 2);
        using var scope = NewDisposeScope();
        using var optimizer = optim.AdamW(network.parameters(), lr: 2e-3);
        var norms = network.modules().OfType<BatchNorm>().ToList();
        norms.ForEach(norm => norm.momentum = 0.5);
        network.train();
        for (var step = 0; step < 6; step++)
        {
            using var inner = NewDisposeScope();
            var labels = tensor(Enumerable.Range(step * Batch, Batch).Select(sample => (long)ShapeImages.Label(sample)).ToArray());
            optimizer.zero_grad();
            nn.functional.cross_entropy(network.call(Images(step * Batch)), labels).backward();
            _ = optimizer.step();
        }
        network.eval();
        Round(network);
        return network;
    }

    // Folds each batch norm, rounds the result, and leaves a batch norm that changes nothing.
    private static void Round(MsVitNetwork network)
    {
        using var gradientFree = no_grad();
        using var scope = NewDisposeScope();
        var modules = network.named_modules().ToDictionary(item => item.name, item => item.module);
        foreach (var (name, module) in modules)
        {
            if (module is Conv conv)
            {
                var norm = (BatchNorm)modules[SpikingConv.NormOf(name)];
                using var folded = new FoldedConv(conv, norm);
                _ = conv.Weight.copy_(Rounded(folded.Weight));
                _ = conv.Bias?.zero_();
                Replace(norm, ones_like(norm.weight!), Rounded(folded.Bias));
            }
            else if (module is BatchNorm norm && name.EndsWith("attn_bn", StringComparison.Ordinal))
            {
                using var folded = new FoldedNorm(norm);
                Replace(norm, Rounded(tensor(folded.Affine.Scale)), Rounded(tensor(folded.Affine.Shift)));
            }
        }

        static Tensor Rounded(Tensor x) => (x * Steps).round() / Steps;

        static void Replace(BatchNorm norm, Tensor scale, Tensor shift)
        {
            _ = norm.running_mean!.zero_();
            _ = norm.running_var!.fill_(1 - norm.eps);
            _ = norm.weight!.copy_(scale);
            _ = norm.bias!.copy_(shift);
        }
    }

    // Pixels are rounded too, so that the sums of the first convolution are exact.
    private static Tensor Images(int first)
    {
        var images = new ShapeImages(seed: 5, Size);
        var pixels = new byte[Batch * 3 * Size * Size];
        for (var i = 0; i < Batch; i++)
        {
            images.Draw(first + i, pixels.AsSpan(i * 3 * Size * Size, 3 * Size * Size));
        }
        return (tensor(pixels).to(float32).reshape(Batch, 3, Size, Size) / 64).floor() - 2;
    }
}
