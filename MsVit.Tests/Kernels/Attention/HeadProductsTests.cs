using MsVit.MLNet.Kernels;
using MsVit.Tests.Kernels.Neurons;
using MsVit.Trainer.Bench;
using static TorchSharp.torch;

namespace MsVit.Tests.Kernels.Attention;

/// <summary>The oracle is torch's composition, in float64 for the gradients.</summary>
public sealed class HeadProductsTests
{
    private const double Scale = 0.125;

    private static Pass Gpu => new(gpu: new object());

    public static TheoryData<int, int, int> Cases => new()
    {
        { 1, 16, 9 }, { 2, 16, 64 }, { 8, 48, 64 }, { 2, 48, 25 }, { 3, 64, 49 }, { 2, 112, 70 }, { 4, 32, 17 }, { 1, 96, 196 },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Products_of_spikes_are_exact_and_gradients_those_of_the_definition(int heads, int channels, int tokens)
    {
        using var scope = NewDisposeScope();
        var (q, k, v, gradient) = Make(heads, channels, tokens);
        var exact = Run(
            q.to(float64), k.to(float64), v.to(float64), gradient.to(float64),
            (a, b, c) => HeadProducts.Composed(a, b, c, heads, Scale, new()));
        foreach (var type in new[] { float32, bfloat16 })
        {
            var found = Run(q.to(type), k.to(type), v.to(type), gradient, (a, b, c) => HeadProducts.Of(a, b, c, heads, Scale, new()));
            Assert.Equal([float32, type, type, type], found.Select(tensor => tensor.dtype));
            Assert.True(found[0].to(float64).equal(exact[0]).all().item<bool>());
            for (var i = 1; i < exact.Length; i++)
            {
                var rounding = type == bfloat16 ? exact[i].abs() / 256 : zeros_like(exact[i]);
                var errors = (found[i].to(float64) - exact[i]).abs() - rounding;
                Assert.InRange(errors.max().item<double>() / exact[i].abs().max().item<double>(), double.NegativeInfinity, 2e-6);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void All_widths_and_thread_counts_give_the_same_bits(int heads, int channels, int tokens)
    {
        using var scope = NewDisposeScope();
        var (q, k, v, gradient) = Make(heads, channels, tokens);
        var dense = new[] { q, k, v, gradient }.Select(x => ChannelsLast.Arrange(x, axis: 2)).ToArray();
        Tensor[]? first = null;
        foreach (var count in new[] { 1, 2, 3 })
        {
            using var threads = new ThreadScope(count);
            foreach (var lanes in count == 1 ? Layers.Widths : [LaneWidths.Best])
            {
                var call = new HeadCall(heads, (float)Scale, lanes);
                var (ofQ, ofK, ofV) = HeadPasses.Backward(dense[0], dense[1], dense[2], dense[3], call);
                Tensor[] found = [HeadPasses.Forward(dense[0], dense[1], dense[2], call), ofQ, ofK, ofV];
                first ??= found;
                Assert.All(
                    found.Zip(first), pair => Assert.True(pair.First.equal(pair.Second).all().item<bool>(), $"{lanes}, {count} threads"));
            }
        }
    }

    [Fact]
    public void Any_memory_layout_of_spikes_is_accepted()
    {
        using var scope = NewDisposeScope();
        var (q, k, v, gradient) = Make(2, 32, 40);
        var expected = Run(q, k, v, gradient, (a, b, c) => HeadProducts.Of(a, b, c, 2, Scale, new()));
        var turned = Run(q, k, v, gradient, (a, b, c) => HeadProducts.Of(Turn(a), Turn(b), Turn(c), 2, Scale, new()));
        Assert.All(expected.Zip(turned), pair => Assert.True(pair.First.equal(pair.Second).all().item<bool>()));

        static Tensor Turn(Tensor x) => x.transpose(0, 3).contiguous().transpose(0, 3);
    }

    [Theory]
    [InlineData(2, 8, 20)]
    [InlineData(1, 64, 16)]
    [InlineData(3, 20, 40)]
    public void Other_heads_are_left_to_torch(int heads, int channels, int tokens)
    {
        using var scope = NewDisposeScope();
        var (q, k, v, gradient) = Make(heads, channels, tokens);
        var expected = Run(q, k, v, gradient, (a, b, c) => HeadProducts.Composed(a, b, c, heads, Scale, new()));
        var found = Run(q, k, v, gradient, (a, b, c) => HeadProducts.Of(a, b, c, heads, Scale, new()));
        Assert.All(expected.Zip(found), pair => Assert.True(pair.First.equal(pair.Second).all().item<bool>()));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    [InlineData(1, 64, 16)]
    public void On_a_GPU_products_are_exact_and_gradients_those_of_the_definition(int heads, int channels, int tokens)
    {
        using var scope = NewDisposeScope();
        var (q, k, v, gradient) = Make(heads, channels, tokens);
        var exact = Run(
            q.to(float64), k.to(float64), v.to(float64), gradient.to(float64),
            (a, b, c) => HeadProducts.Composed(a, b, c, heads, Scale, new()));
        foreach (var (type, splits) in new[] { (float32, false), (float32, true), (bfloat16, false), (bfloat16, true) })
        {
            var found = Run(In(q), In(k), In(v), gradient, (a, b, c) => HeadProducts.Of(a, b, c, heads, Scale, Gpu));
            Assert.Equal([float32, type, type, type], found.Select(tensor => tensor.dtype));
            Assert.True(found[0].to(float64).equal(exact[0]).all().item<bool>());
            for (var i = 1; i < exact.Length; i++)
            {
                var rounding = type == bfloat16 ? exact[i].abs() / 256 : zeros_like(exact[i]);
                var errors = (found[i].to(float64).reshape(exact[i].shape) - exact[i]).abs() - rounding;
                Assert.InRange(errors.max().item<double>() / exact[i].abs().max().item<double>(), double.NegativeInfinity, 2e-6);
            }

            Tensor In(Tensor x) => splits ? x.to(type).unflatten(2, heads, -1) : x.to(type);
        }
    }

    // Where all neurons fire, bfloat16 holds the sums up to 256; it would round 257.
    [Theory]
    [InlineData(8, 256, 1)]
    [InlineData(8, 257, 1)]
    [InlineData(8, 64, 4)]
    [InlineData(8, 65, 4)]
    [InlineData(256, 5, 1)]
    [InlineData(257, 5, 3)]
    public void On_a_GPU_products_in_bfloat16_are_exact_however_many_spikes_there_are(int size, int tokens, int most)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var (q, v) = (ones([1, 2, 2 * size, tokens], dtype: bfloat16), full([1, 2, 2 * size, tokens], most, dtype: bfloat16));
        var products = HeadProducts.Of(q, q, v, 2, Scale, Gpu, most);
        Assert.Equal(float32, products.dtype);
        Assert.True(products.eq(tensor((float)(Scale * size * tokens * most))).all().item<bool>());
    }

    [Fact]
    public void Not_a_number_in_a_gradient_stays_in_its_head()
    {
        using var scope = NewDisposeScope();
        var (q, k, v, gradient) = Make(2, 16, 24);
        gradient[0, 0, 3, 5] = tensor(float.NaN);
        var found = Run(q, k, v, gradient, (a, b, c) => HeadProducts.Of(a, b, c, 2, Scale, new()));
        foreach (var learned in found[1..])
        {
            var spoilt = learned.isnan();
            Assert.True(spoilt.any().item<bool>());
            Assert.Equal(spoilt.sum().item<long>(), spoilt[0, 0, ..16].sum().item<long>());
        }
    }

    private static (Tensor Q, Tensor K, Tensor V, Tensor Gradient) Make(int heads, int channels, int tokens)
    {
        var random = new Generator(seed: 3);
        long[] shape = [2, 3, heads * channels, tokens];
        return (Spikes(), Spikes(), Spikes(), randn(shape, generator: random));

        Tensor Spikes() => rand(shape, generator: random).gt(0.7f).to(float32);
    }

    private static Tensor[] Run(Tensor q, Tensor k, Tensor v, Tensor gradient, Func<Tensor, Tensor, Tensor, Tensor> products)
    {
        var inputs = new[] { q, k, v }.Select(x => x.detach().clone().requires_grad_(true)).ToArray();
        var y = products(inputs[0], inputs[1], inputs[2]);
        (y * gradient).sum().backward();
        return [y.detach(), .. inputs.Select(x => x.grad!)];
    }
}
