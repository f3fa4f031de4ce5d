using MsVit.MLNet;
using MsVit.MLNet.Kernels;
using MsVit.Tests.Kernels.Neurons;
using static TorchSharp.torch;

namespace MsVit.Tests.Kernels.Convolution;

/// <summary>The oracle is torch's convolution in float64.</summary>
public sealed class WinogradTests
{
    private static readonly (int Input, int Output)[] Channels = [(32, 32), (48, 96), (96, 48), (64, 80), (112, 64)];

    private static readonly (int Height, int Width)[] Sizes = [(4, 4), (8, 8), (7, 12), (14, 14), (13, 31), (32, 32)];

    private static readonly string[] Names = ["y", "x", "weight"];

    public static TheoryData<int, int, int, int> Cases
    {
        get
        {
            var cases = new TheoryData<int, int, int, int>();
            foreach (var (input, output) in Channels)
            {
                foreach (var (height, width) in Sizes)
                {
                    cases.Add(input, output, height, width);
                }
            }
            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Outputs_and_gradients_are_those_of_the_definition(int input, int output, int height, int width)
    {
        using var scope = NewDisposeScope();
        foreach (var batch in new[] { 1, 5 })
        {
            var (x, weight, gradient) = Make(batch, input, output, height, width);
            var exact = Exactly(x, weight, gradient);
            var found = Here(x, weight, gradient, LaneWidths.Best);
            for (var i = 0; i < exact.Length; i++)
            {
                // Rounding grows with the sum of what is added up, not with what it comes to.
                var scale = Size(exact[i]);
                var errors = found[i].to(float64) - exact[i];
                Assert.InRange(errors.abs().max().item<double>() / scale, 0, 6e-5);
                Assert.InRange(Size(errors) / scale, 0, 8e-6);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void All_widths_and_thread_counts_give_the_same_bits(int input, int output, int height, int width)
    {
        using var scope = NewDisposeScope();
        var (x, weight, gradient) = Make(batch: 3, input, output, height, width);
        var threads = get_num_threads();
        Tensor[]? first = null;
        try
        {
            foreach (var count in new[] { 1, 2, 3 })
            {
                set_num_threads(count);
                foreach (var lanes in count == 1 ? Layers.Widths : [LaneWidths.Best])
                {
                    var found = Here(x, weight, gradient, lanes);
                    first ??= found;
                    foreach (var (actual, expected) in found.Zip(first))
                    {
                        Assert.True(actual.equal(expected).all().item<bool>(), $"{lanes}, {count} threads");
                    }
                }
            }
        }
        finally
        {
            set_num_threads(threads);
        }
    }

    [Theory]
    [InlineData(32, 32, 8, 8)]
    [InlineData(48, 96, 14, 14)]
    [InlineData(64, 80, 7, 12)]
    public void In_bfloat16_only_inputs_and_outputs_are_rounded(int input, int output, int height, int width)
    {
        using var scope = NewDisposeScope();
        var (x, weight, gradient) = Make(batch: 3, input, output, height, width);
        var (half, upstream) = (x.to(bfloat16), gradient.to(bfloat16));
        var exact = Exactly(half, weight, upstream);
        foreach (var lanes in Layers.Widths)
        {
            var found = Here(half, weight, upstream, lanes);
            Assert.Equal([bfloat16, bfloat16, float32], found.Select(tensor => tensor.dtype));
            for (var i = 0; i < exact.Length; i++)
            {
                // Half a unit in the last of eight bits, and what float32 adds.
                var errors = (found[i].to(float64) - exact[i]).abs() - 6e-5 * Size(exact[i]);
                var rounding = found[i].dtype == bfloat16 ? exact[i].abs() / 256 : zeros_like(exact[i]);
                Assert.True((errors <= rounding).all().item<bool>(), $"{Names[i]}, {lanes}");
            }
        }
    }

    [Theory]
    [InlineData(32, 32, 8, 8)]
    [InlineData(48, 96, 14, 14)]
    [InlineData(64, 80, 7, 12)]
    public void Weights_transformed_once_predict_in_bfloat16(int input, int output, int height, int width)
    {
        using var scope = NewDisposeScope();
        var (x, weight, gradient) = Make(batch: 3, input, output, height, width);
        if (BFloat16Support.HasTiles)
        {
            Assert.Null(Winograd.TransformWeights(weight));
            return;
        }
        var half = x.to(bfloat16);
        var exact = Exactly(half, weight, gradient)[0];
        var transformed = Winograd.TransformWeights(weight)!;
        foreach (var images in new[] { half, half.contiguous() })
        {
            var found = Winograd.ConvolveTransformed(images, transformed)!;
            Assert.Equal(bfloat16, found.dtype);
            Assert.True(((found.to(float64) - exact).abs() - 6e-5 * Size(exact) <= exact.abs() / 256).all().item<bool>());
        }
        // Tiles that stand over too far, and other types, are left to torch.
        Assert.Null(Winograd.ConvolveTransformed(half[.., .., ..5, ..5], transformed));
        Assert.Null(Winograd.ConvolveTransformed(x, transformed));
        Assert.Null(Winograd.TransformWeights(weight[.., ..16]));
        Assert.Null(Winograd.TransformWeights(weight[.., .., ..1, ..1]));
    }

    [Fact]
    public void A_frozen_weight_and_an_input_without_gradient_get_none()
    {
        using var scope = NewDisposeScope();
        var (x, weight, gradient) = Make(2, 32, 32, 8, 8);
        foreach (var (ofX, ofWeight) in new[] { (true, false), (false, true) })
        {
            var (input, learned) = (x.detach().clone().requires_grad_(ofX), weight.detach().clone().requires_grad_(ofWeight));
            (Winograd.Convolve(input, learned, new()) * gradient).sum().backward();
            Assert.Equal(ofX, input.grad is not null);
            Assert.Equal(ofWeight, learned.grad is not null);
        }
    }

    [Fact]
    public void Any_memory_layout_is_accepted()
    {
        using var scope = NewDisposeScope();
        var (x, weight, gradient) = Make(2, 32, 48, 8, 12);
        var expected = Here(x, weight, gradient, LaneWidths.Best);
        var rows = Here(x.contiguous(), weight, gradient.contiguous(), LaneWidths.Best);
        var turned = Here(x.transpose(2, 3).contiguous().transpose(2, 3), weight, gradient, LaneWidths.Best);
        for (var i = 0; i < expected.Length; i++)
        {
            Assert.True(rows[i].equal(expected[i]).all().item<bool>());
            Assert.True(turned[i].equal(expected[i]).all().item<bool>());
        }
    }

    [Theory]
    [InlineData(32, 32, 8, 8, true)]
    [InlineData(3, 32, 8, 8, false)]
    [InlineData(32, 40, 8, 8, false)]
    [InlineData(16, 32, 8, 8, false)]
    [InlineData(32, 32, 2, 8, false)]
    [InlineData(32, 32, 5, 5, false)]
    [InlineData(32, 32, 14, 14, true)]
    public void Few_channels_and_tiles_that_are_mostly_border_are_left_to_torch(int input, int output, int height, int width, bool expected)
    {
        using var scope = NewDisposeScope();
        Assert.Equal(expected, Winograd.Covers(zeros(1, input, height, width), zeros(output, input, 3, 3)));
    }

    [Fact]
    public void A_network_uses_it_in_training_but_not_in_evaluation()
    {
        using var scope = NewDisposeScope();
        using var conv = Conv.OverImage(32, 32, kernel: 3);
        var (x, weight, _) = Make(2, 32, 32, 8, 8);
        using (no_grad())
        {
            conv.Weight.copy_(weight);
        }
        Assert.True(conv.call(x, new()).equal(Winograd.Convolve(x, weight, new())).all().item<bool>());
        using var frozen = no_grad();
        Assert.True(conv.call(x, new()).equal(nn.functional.conv2d(x, weight, padding: [1, 1])).all().item<bool>());
    }

    [Fact]
    public void Other_kernels_types_and_empty_batches_are_left_to_torch()
    {
        using var scope = NewDisposeScope();
        Assert.False(Winograd.Covers(zeros(1, 32, 8, 8), zeros(32, 32, 1, 1)));
        Assert.False(Winograd.Covers(zeros(0, 32, 8, 8), zeros(32, 32, 3, 3)));
        Assert.False(Winograd.Covers(zeros([1, 32, 8, 8], dtype: bfloat16), zeros([32, 32, 3, 3], dtype: bfloat16)));
        Assert.False(Winograd.Covers(zeros([1, 32, 8, 8], dtype: float64), zeros([32, 32, 3, 3], dtype: float64)));
    }

    private static (Tensor X, Tensor Weight, Tensor Gradient) Make(int batch, int input, int output, int height, int width)
    {
        using var generator = new Generator((ulong)(batch + input * 3 + output * 5 + height * 7 + width * 11));
        var x = randn([batch, input, height, width], generator: generator);
        var weight = randn([output, input, 3, 3], generator: generator);
        return (ChannelsLast.Arrange(x, axis: 1), weight, randn([batch, output, height, width], generator: generator));
    }

    private static double Size(Tensor tensor) => tensor.square().mean().sqrt().item<double>();

    private static Tensor[] Here(Tensor x, Tensor weight, Tensor gradient, LaneWidth width)
    {
        var (input, learned) = (x.detach().requires_grad_(), weight.detach().clone().requires_grad_());
        var y = Winograd.Convolve(input, learned, new(), width);
        var gradients = autograd.grad([y], [input, learned], [gradient]);
        return [y.detach(), .. gradients];
    }

    private static Tensor[] Exactly(Tensor x, Tensor weight, Tensor gradient)
    {
        var (input, learned) = (x.detach().to(float64).requires_grad_(), weight.detach().to(float64).requires_grad_());
        var y = nn.functional.conv2d(input, learned, padding: [1, 1]);
        var gradients = autograd.grad([y], [input, learned], [gradient.to(float64)]);
        return [y.detach(), .. gradients];
    }
}
