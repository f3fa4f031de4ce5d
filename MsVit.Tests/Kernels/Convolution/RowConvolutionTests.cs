using MsVit.MLNet;
using MsVit.MLNet.Kernels;
using MsVit.Tests.Kernels.Neurons;
using MsVit.Trainer.Bench;
using static TorchSharp.torch;

namespace MsVit.Tests.Kernels.Convolution;

/// <summary>The oracle is torch's convolution in float64.</summary>
public sealed class RowConvolutionTests
{
    private static readonly string[] Names = ["y", "x", "weight", "bias"];

    public static TheoryData<int, int, int, int, int> Cases
    {
        get
        {
            var cases = new TheoryData<int, int, int, int, int>();
            foreach (var (input, output) in new[] { (16, 16), (16, 48), (48, 64), (112, 32), (64, 176) })
            {
                foreach (var (batch, tokens) in new[] { (1, 1), (3, 2), (5, 64), (2, 97), (9, 200) })
                {
                    cases.Add(input, output, batch, tokens, 1);
                    cases.Add(input, output, batch, tokens, 3);
                }
            }
            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Outputs_and_gradients_are_those_of_the_definition(int input, int output, int batch, int tokens, int kernel)
    {
        using var scope = NewDisposeScope();
        foreach (var whole in new[] { true, false })
        {
            var (x, weight, bias, gradient) = Make(input, output, batch, tokens, kernel, whole);
            var exact = Exactly(x, weight, bias, gradient);
            var found = Here(x, weight, bias, gradient, LaneWidths.Best);
            for (var i = 0; i < exact.Length; i++)
            {
                Assert.Equal(exact[i].shape, found[i].shape);
                var errors = (found[i].to(float64) - exact[i]).abs().max().item<double>();
                var limit = 2e-6 * Math.Max(Size(exact[i]), 1e-3) * Math.Sqrt(batch * tokens);
                Assert.True(errors <= limit, $"{Names[i]}: {errors}, integers: {whole}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void All_widths_and_thread_counts_give_the_same_bits(int input, int output, int batch, int tokens, int kernel)
    {
        using var scope = NewDisposeScope();
        var (x, weight, _, gradient) = Make(input, output, batch, tokens, kernel, whole: true);
        var (dense, upstream) = (Dense(x), Dense(gradient));
        Tensor? first = null;
        foreach (var count in new[] { 1, 2, 3 })
        {
            using var threads = new ThreadScope(count);
            foreach (var lanes in count == 1 ? Layers.Widths : [LaneWidths.Best])
            {
                foreach (var kept in new[] { SavedInput.Of(dense, Learned(weight, true), lanes)!, dense })
                {
                    var found = RowWeightPass.Run(kept, upstream, kernel, lanes);
                    first ??= found;
                    Assert.True(found.equal(first).all().item<bool>(), $"{lanes}, {count} threads, {kept.dtype}");
                }
            }
        }
    }

    [Fact]
    public void Images_are_accepted_too()
    {
        using var scope = NewDisposeScope();
        var (x, weight, bias, gradient) = Make(32, 48, batch: 3, tokens: 35, kernel: 1, whole: true);
        var expected = Here(x, weight, bias, gradient, LaneWidths.Best);
        var (image, upstream) = (x.unflatten(2, 5, 7), gradient.unflatten(2, 5, 7));
        var found = Here(image, weight.unsqueeze(3), bias, upstream, LaneWidths.Best);
        for (var i = 0; i < expected.Length; i++)
        {
            Assert.True(found[i].flatten().equal(expected[i].flatten()).all().item<bool>(), Names[i]);
        }
    }

    [Fact]
    public void Only_requested_gradients_are_computed()
    {
        using var scope = NewDisposeScope();
        var (x, weight, bias, gradient) = Make(16, 32, 2, 8, 3, whole: true);
        var wanted = new[] { (true, false, false), (false, true, false), (false, false, true), (true, false, true) };
        foreach (var (ofX, ofWeight, ofBias) in wanted)
        {
            var (input, learned, shift) = (Learned(x, ofX), Learned(weight, ofWeight), Learned(bias, ofBias));
            (RowConvolution.Convolve(input, learned, shift, new()) * gradient).sum().backward();
            Assert.Equal((ofX, ofWeight, ofBias), (input.grad is not null, learned.grad is not null, shift.grad is not null));
        }
    }

    [Theory]
    [InlineData(0f, 1f, true)]
    [InlineData(0f, 255f, true)]
    [InlineData(-0f, 7f, true)]
    [InlineData(0f, 256f, false)]
    [InlineData(0f, -1f, false)]
    [InlineData(0.5f, 1f, false)]
    [InlineData(0f, float.NaN, false)]
    [InlineData(0f, float.PositiveInfinity, false)]
    [InlineData(0f, 4294967296f, false)]
    public void Only_integers_are_saved_as_bytes(float most, float one, bool bytes)
    {
        using var scope = NewDisposeScope();
        var weight = ones(16, 16, 1, 1).requires_grad_(true);
        foreach (var place in new[] { 0L, 777, 16 * 1100 - 1 })
        {
            var values = full([1100, 16], most);
            values.flatten()[place] = tensor(one);
            var x = values.view(1, 1, 1100, 16).permute(0, 3, 1, 2);
            foreach (var lanes in Layers.Widths)
            {
                var kept = SavedInput.Of(x, weight, lanes)!;
                Assert.Equal(bytes ? uint8 : float32, kept.dtype);
                Assert.True(!bytes || kept.to(float32).equal(x).all().item<bool>());
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Counts_of_spikes_and_sums_of_counts_are_saved_as_bytes(int steps)
    {
        using var scope = NewDisposeScope();
        var weight = ones(32, 32, 1, 1).requires_grad_(true);
        var currents = Layers.Currents(1, steps, 4, 32, 9, 9) * 5;
        using var neuron = new LifNeuron(LifDynamics.Integer(tau: 2, levels: 16));
        var counts = neuron.call(currents, new());
        Assert.Equal(16, counts.max().item<float>());
        // As many residuals as a stage of seven blocks adds up.
        foreach (var x in new[] { counts, counts * 15 })
        {
            var dense = ChannelsLast.Arrange(x, axis: 2).flatten(0, 1);
            var kept = SavedInput.Of(dense, weight, LaneWidths.Best)!;
            Assert.Equal(uint8, kept.dtype);
            Assert.True(kept.to(float32).equal(dense).all().item<bool>());
        }
    }

    [Fact]
    public void Spikes_are_not_saved_in_float32()
    {
        using var scope = NewDisposeScope();
        var weight = ones(32, 32, 1, 1).requires_grad_(true);
        var x = ones(4, 8, 8, 32).permute(0, 3, 1, 2);
        Assert.Null(SavedInput.Of(x, weight.detach(), LaneWidths.Best));
        Assert.Equal(x.stride(), SavedInput.Of(x, weight, LaneWidths.Best)!.stride());
        Assert.Equal(bfloat16, SavedInput.Of(x.to(bfloat16), weight, LaneWidths.Best)!.dtype);
    }

    [Theory]
    [InlineData(16, 32, 1, true)]
    [InlineData(16, 32, 3, true)]
    [InlineData(16, 32, 5, false)]
    [InlineData(3, 32, 1, false)]
    [InlineData(32, 40, 1, false)]
    public void Kernel_size_and_channels_decide_whether_it_is_covered(int input, int output, int kernel, bool covered)
    {
        using var scope = NewDisposeScope();
        var (x, weight) = (rand(2, input, 9), rand(output, input, kernel));
        Assert.Equal(covered, RowConvolution.Covers(x, weight));
        Assert.False(RowConvolution.Covers(x.to(bfloat16), weight));
        Assert.False(RowConvolution.Covers(x[..0], weight));
        Assert.False(RowConvolution.Covers(rand(2, input, 9, 9), rand(output, input, 3, 3)));
    }

    [Fact]
    public void A_layer_uses_it_in_training_and_gives_the_same_bits_without_gradients()
    {
        using var scope = NewDisposeScope();
        var conv = Conv.OverTokens(32, 48, kernel: 3, bias: true);
        using (no_grad())
        {
            conv.Weight.normal_();
            conv.Bias!.normal_();
        }
        var x = rand([8, 32, 400], generator: new Generator(seed: 4)).round();
        var (trained, gradient) = (conv.call(x, new()), randn([8, 48, 400], generator: new Generator(seed: 5)));
        (trained * gradient).sum().backward();
        var (weight, upstream) = (Learned(conv.Weight, true), Dense(gradient));
        // The bits of the pass; torch adds up in another order.
        var found = RowWeightPass.Run(SavedInput.Of(Dense(x), weight, LaneWidths.Best)!, upstream, kernel: 3, LaneWidths.Best);
        Assert.True(found.equal(conv.Weight.grad!).all().item<bool>());
        conv.Weight.grad = null;
        (conv.call(x, new(Backend.Eager)) * gradient).sum().backward();
        Assert.False(found.equal(conv.Weight.grad!).all().item<bool>());
        using var noGrad = no_grad();
        Assert.True(conv.call(x, new()).equal(trained).all().item<bool>());
    }

    private static Tensor Learned(Tensor tensor, bool learned) => tensor.detach().clone().requires_grad_(learned);

    private static Tensor Dense(Tensor x) => ChannelsLast.Arrange(x.unsqueeze(2), axis: 1);

    private static double Size(Tensor x) => x.to(float64).square().mean().sqrt().item<double>();

    private static (Tensor X, Tensor Weight, Tensor Bias, Tensor Gradient) Make(
        int input, int output, int batch, int tokens, int kernel, bool whole)
    {
        var random = new Generator(seed: 7);
        var x = randn([batch, input, tokens], generator: random);
        return (whole ? (x * 2).clamp(0).round() : x, randn([output, input, kernel], generator: random),
            randn([output], generator: random), randn([batch, output, tokens], generator: random));
    }

    private static Tensor[] Here(Tensor x, Tensor weight, Tensor bias, Tensor gradient, LaneWidth lanes) =>
        Gradients(x, weight, bias, gradient, (a, b, c) => RowConvolution.Convolve(a, b, c, new(), lanes));

    private static Tensor[] Exactly(Tensor x, Tensor weight, Tensor bias, Tensor gradient) => Gradients(
        x.to(float64), weight.to(float64), bias.to(float64), gradient.to(float64),
        (a, b, c) => nn.functional.conv1d(a, b, c, padding: weight.shape[2] / 2));

    private static Tensor[] Gradients(Tensor x, Tensor weight, Tensor bias, Tensor gradient, Func<Tensor, Tensor, Tensor, Tensor> convolve)
    {
        var (input, learned, shift) = (Learned(x, true), Learned(weight, true), Learned(bias, true));
        var y = convolve(input, learned, shift);
        (y * gradient).sum().backward();
        return [y.detach(), input.grad!, learned.grad!, shift.grad!];
    }
}
