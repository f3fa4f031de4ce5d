using MsVit.MLNet.Kernels;
using static TorchSharp.torch;

namespace MsVit.Tests.Kernels.Attention;

/// <summary>The oracle is the composition of torch operations, which an eager pass takes.</summary>
public sealed class TokenHeadsTests
{
    /// <summary>How many, and channels of each, for every width of a vector.</summary>
    public static TheoryData<int, int> Heads { get; } = new() { { 1, 16 }, { 8, 24 }, { 2, 4 }, { 3, 5 }, { 4, 1 } };

    [Theory]
    [MemberData(nameof(Heads))]
    public void Sums_of_heads_and_their_gradients_are_those_of_the_composition(int heads, int size)
    {
        using var scope = NewDisposeScope();
        var x = Tokens(seed: 3, heads * size);
        var upstream = Numbers(seed: 4, heads);
        var found = Run(pass => TokenHeads.Sum(x, heads, pass), [x], upstream);
        Same(Eagerly(pass => TokenHeads.Sum(x, heads, pass), [x], upstream), found, 1e-5);
        Assert.Equal([4, 2, heads, 1, 35], found[0].shape);
    }

    [Theory]
    [MemberData(nameof(Heads))]
    public void Masked_tokens_and_their_gradients_are_those_of_the_composition(int heads, int size)
    {
        using var scope = NewDisposeScope();
        var x = Tokens(seed: 5, heads * size);
        var mask = Numbers(seed: 6, heads).requires_grad_();
        var upstream = Tokens(seed: 7, heads * size).detach();
        var found = Run(pass => TokenHeads.Mask(x, mask, pass), [x, mask], upstream);
        Same(Eagerly(pass => TokenHeads.Mask(x, mask, pass), [x, mask], upstream), found, 1e-5);
    }

    [Theory]
    [MemberData(nameof(Heads))]
    public void On_a_GPU_tokens_may_have_heads_and_sums_and_masks_are_the_same(int heads, int size)
    {
        using var scope = NewDisposeScope();
        var mask = Numbers(seed: 6, heads).requires_grad_();
        var (sums, tokens) = (Numbers(seed: 4, heads), Tokens(seed: 7, heads * size).detach());
        foreach (var type in new[] { float32, bfloat16 })
        {
            var x = Tokens(seed: 5, heads * size).detach().to(type).requires_grad_();
            var split = x.detach().unflatten(2, heads, -1).requires_grad_();
            var expected = Eagerly(pass => TokenHeads.Sum(x, heads, pass), [x], sums);
            Same(expected, Run(pass => TokenHeads.Sum(x, heads, pass), [x], sums, Gpu), 1e-5);
            var found = Run(pass => TokenHeads.Sum(split, heads, pass), [split], sums, Gpu);
            Same(expected, [found[0], found[1].flatten(2, 3)], 1e-5);
            Assert.Equal([float32, type], found.Select(tensor => tensor.dtype));

            expected = Eagerly(pass => TokenHeads.Mask(x, mask, pass), [x, mask], tokens);
            found = Run(pass => TokenHeads.Mask(split, mask, pass), [split, mask], tokens.unflatten(2, heads, -1), Gpu);
            Same(expected, [found[0].flatten(2, 3), found[1].flatten(2, 3), found[2]], 1e-5);
            Assert.Equal([type, type, float32], found.Select(tensor => tensor.dtype));
        }
    }

    [Fact]
    public void Tokens_of_bfloat16_are_summed_in_float32()
    {
        using var scope = NewDisposeScope();
        var x = Tokens(seed: 8, channels: 2 * 24).detach().to(bfloat16).requires_grad_();
        var upstream = Numbers(seed: 9, heads: 2);
        var found = Run(pass => TokenHeads.Sum(x, 2, pass), [x], upstream);
        Assert.Equal([float32, bfloat16], found.Select(tensor => tensor.dtype));
        Same(Eagerly(pass => TokenHeads.Sum(x, 2, pass), [x], upstream), found, 1e-5);

        var mask = (Numbers(seed: 10, heads: 2) > 0).to(float32).requires_grad_();
        var gradient = Tokens(seed: 11, channels: 2 * 24).detach().to(bfloat16);
        found = Run(pass => TokenHeads.Mask(x, mask, pass), [x, mask], gradient);
        Assert.Equal([bfloat16, bfloat16, float32], found.Select(tensor => tensor.dtype));
        Same(Eagerly(pass => TokenHeads.Mask(x, mask, pass), [x, mask], gradient)[..2], found[..2], 1e-5);
        // The composition rounds each product of the mask's gradient to eight bits.
        var exact = (gradient.to(float64) * x.detach().to(float64)).unflatten(2, 2, -1).sum(3, keepdim: true);
        Same([exact], found[2..], 1e-5);
    }

    [Fact]
    public void A_mask_with_one_number_per_channel_is_accepted()
    {
        using var scope = NewDisposeScope();
        var x = Tokens(seed: 12, channels: 12);
        using var generator = new Generator(13);
        var mask = randn([4, 2, 3, 4, 35], generator: generator).requires_grad_();
        var upstream = Tokens(seed: 14, channels: 12).detach();
        Same(Eagerly(pass => TokenHeads.Mask(x, mask, pass), [x, mask], upstream),
            Run(pass => TokenHeads.Mask(x, mask, pass), [x, mask], upstream), 1e-5);
    }

    [Fact]
    public void Without_gradients_the_result_is_the_same_and_other_orders_in_memory_are_taken()
    {
        using var scope = NewDisposeScope();
        var x = Tokens(seed: 15, channels: 48);
        var mask = Numbers(seed: 16, heads: 2);
        var expected = TokenHeads.Mask(x, mask, new()).detach();
        using var noGrad = no_grad();
        Same([expected], [TokenHeads.Mask(x.detach().clone(), mask, new())], 0);
        Same([expected], [TokenHeads.Mask(x.detach().contiguous(), mask.transpose(2, 4).contiguous().transpose(2, 4), new())], 0);
        Same([TokenHeads.Sum(x, 2, new())], [TokenHeads.Sum(x.contiguous(), 2, new())], 0);
    }

    // [T, B, C, N], channels side by side.
    private static Tensor Tokens(ulong seed, int channels)
    {
        using var generator = new Generator(seed);
        return randn([4, 2, 35, channels], generator: generator).transpose(2, 3).requires_grad_();
    }

    // [T, B, heads, 1, N]
    private static Tensor Numbers(ulong seed, int heads)
    {
        using var generator = new Generator(seed);
        return randn([4, 2, heads, 1, 35], generator: generator);
    }

    private static Pass Gpu => new(gpu: new object());

    private static Tensor[] Run(Func<Pass, Tensor> work, Tensor[] inputs, Tensor upstream) => Run(work, inputs, upstream, new());

    private static Tensor[] Eagerly(Func<Pass, Tensor> work, Tensor[] inputs, Tensor upstream) =>
        Run(work, inputs, upstream, new(Backend.Eager));

    private static Tensor[] Run(Func<Pass, Tensor> work, Tensor[] inputs, Tensor upstream, Pass pass)
    {
        var y = work(pass);
        var gradients = pass.Gradients(y, inputs, upstream.to(y.dtype));
        return [y.detach(), .. gradients];
    }

    private static void Same(Tensor[] expected, Tensor[] found, double tolerance)
    {
        Assert.Equal(expected.Length, found.Length);
        foreach (var (one, other) in expected.Zip(found))
        {
            Assert.Equal(one.shape, other.shape);
            Assert.True(one.to(float64).allclose(other.to(float64), rtol: tolerance, atol: tolerance));
        }
    }
}
