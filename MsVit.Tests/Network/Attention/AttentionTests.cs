using MsVit.MLNet;
using TorchSharp;
using TorchSharp.Modules;

namespace MsVit.Tests.Network.Attention;

public sealed class AttentionTests
{
    private const int Steps = 3, Samples = 2, Dim = 8, Heads = 2, Height = 3, Width = 4, HeadSize = Dim / Heads;

    private static readonly NeuronFactory Lif = new(NeuronKind.Lif, 2, Surrogate.Default, Steps);

    [Theory]
    [InlineData(ScaleBranch.Summed, 1.0)]
    [InlineData(ScaleBranch.Summed, 0.5)]
    [InlineData(ScaleBranch.Broadcast, 1.0)]
    public void Multi_scale_attention_is_what_loops_over_single_numbers_give(ScaleBranch branch, double threshold)
    {
        using var scope = torch.NewDisposeScope();
        using var attention = new MultiScaleSpikingAttention(Dim, Heads, branch, 1, threshold, Lif);
        var x = Prepare(attention, seed: 21);
        var state = attention.state_dict();
        var tokens = SlowLayers.From(x.flatten(3));

        var q = Branch("q");
        var k = Branch("k");
        var p = Branch("p");
        Assert.Equal(branch == ScaleBranch.Summed ? 3 : 1, state["p_conv.weight"].shape[2]);
        var scores = SlowLayers.Map(Steps, Samples, (t, b) =>
        {
            var sums = new double[Dim, Height * Width];
            for (var c = 0; c < Dim; c++)
            {
                for (var n = 0; n < Height * Width; n++)
                {
                    var first = c / HeadSize * HeadSize;
                    for (var other = first; other < first + HeadSize; other++)
                    {
                        sums[c, n] += q[t][b][other, n] + (branch == ScaleBranch.Summed ? p[t][b][other, n] : 0);
                    }
                    sums[c, n] += branch == ScaleBranch.Broadcast ? p[t][b][c, n] : 0;
                }
            }
            return sums;
        });
        var a = SlowLayers.Lif(scores, threshold, exact: true);
        var masked = SlowLayers.Map(Steps, Samples, (t, b) => Times(a[t][b], k[t][b]));
        var expected = SlowLayers.Lif(SlowLayers.ConvNorm(masked, state, "proj"), 1);

        Same(expected, attention.call(x, null, new()));

        double[][][,] Branch(string name) => SlowLayers.Lif(SlowLayers.ConvNorm(tokens, state, name), 1);
    }

    [Theory]
    [InlineData(Height, Width)]
    [InlineData(1, HeadSize / 2)]
    public void Self_attention_is_what_loops_over_single_numbers_give_with_many_tokens_and_with_few(int height, int width)
    {
        using var scope = torch.NewDisposeScope();
        using var attention = new SpikingSelfAttention(Dim, Heads, ProjectionCoupling.PerSample, 1, 0.5, Lif);
        var x = Prepare(attention, seed: 22).narrow(3, 0, height).narrow(4, 0, width).contiguous();
        var state = attention.state_dict();
        var tokens = SlowLayers.From(x.flatten(3));

        var (q, k, v) = (Branch("q"), Branch("k"), Branch("v"));
        var products = SlowLayers.Map(Steps, Samples, (t, b) =>
        {
            var sums = new double[Dim, height * width];
            for (var c = 0; c < Dim; c++)
            {
                for (var n = 0; n < height * width; n++)
                {
                    for (var m = 0; m < height * width; m++)
                    {
                        var similarity = Enumerable.Range(c / HeadSize * HeadSize, HeadSize).Sum(d => q[t][b][d, n] * k[t][b][d, m]);
                        sums[c, n] += 0.125 * similarity * v[t][b][c, m];
                    }
                }
            }
            return sums;
        });
        var attended = SlowLayers.Lif(products, 0.5, exact: true);
        var expected = SlowLayers.Lif(SlowLayers.ConvNorm(attended, state, "proj"), 1);

        Same(expected, attention.call(x, null, new()));

        double[][][,] Branch(string name) => SlowLayers.Lif(SlowLayers.ConvNorm(tokens, state, name), 1);
    }

    [Fact]
    public void Coupled_samples_influence_each_other_and_single_ones_do_not()
    {
        using var scope = torch.NewDisposeScope();
        using var single = new SpikingSelfAttention(Dim, Heads, ProjectionCoupling.PerSample, 1, 0.5, Lif);
        using var coupled = new SpikingSelfAttention(Dim, Heads, ProjectionCoupling.Batch, 1, 0.5, Lif);
        var x = Prepare(single, seed: 23);
        coupled.load_state_dict(single.state_dict());
        coupled.eval();
        var second = x.narrow(1, 1, 1);
        Golden.Close.Equal(single.call(second, null, new()), single.call(x, null, new()).narrow(1, 1, 1), "alone and in a batch");
        Golden.Close.Equal(single.call(second, null, new()), coupled.call(second, null, new()), "a batch of one");
        var difference = coupled.call(second, null, new()) - coupled.call(x, null, new()).narrow(1, 1, 1);
        Assert.True(difference.abs().sum().item<float>() > 0);
    }

    // Draws weights and statistics with which about a third of the neurons fire, and an input of small whole numbers.
    private static torch.Tensor Prepare(torch.nn.Module attention, ulong seed)
    {
        using var generator = new torch.Generator(seed);
        using var noGrad = torch.no_grad();
        attention.eval();
        InitialWeights.Draw(attention, (long)seed);
        foreach (var norm in attention.modules().OfType<BatchNorm>())
        {
            _ = norm.weight.copy_(torch.rand([Dim], generator: generator) + 1);
            _ = norm.bias!.copy_(torch.rand([Dim], generator: generator) + 0.4);
            _ = norm.running_mean!.copy_(torch.randn([Dim], generator: generator) * 0.2);
            _ = norm.running_var!.copy_(torch.rand([Dim], generator: generator) * 0.3 + 0.1);
        }
        return torch.randint(0, 3, [Steps, Samples, Dim, Height, Width], generator: generator).to_type(torch.float32);
    }

    private static double[,] Times(double[,] a, double[,] b)
    {
        var product = (double[,])a.Clone();
        for (var c = 0; c < a.GetLength(0); c++)
        {
            for (var n = 0; n < a.GetLength(1); n++)
            {
                product[c, n] *= b[c, n];
            }
        }
        return product;
    }

    private static void Same(double[][][,] expected, torch.Tensor actual)
    {
        Assert.Equal([Steps, Samples, Dim], actual.shape[..3]);
        var spikes = actual.sum().item<float>();
        Assert.InRange(spikes / actual.numel(), 0.1, 0.9);
        var got = SlowLayers.From(actual.flatten(3));
        for (var t = 0; t < Steps; t++)
        {
            for (var b = 0; b < Samples; b++)
            {
                Assert.Equal(expected[t][b], got[t][b]);
            }
        }
    }
}
