using MsVit.MLNet;
using MsVit.MLNet.Kernels;
using MsVit.Tests.Golden;
using TorchSharp;

namespace MsVit.Tests.Network;

public sealed class ChannelsLastTests
{
    [Fact]
    public void Channels_come_to_lie_side_by_side_and_the_numbers_stay()
    {
        using var scope = torch.NewDisposeScope();
        var x = torch.arange(2 * 3 * 4 * 5, dtype: torch.float32).view(2, 3, 4, 5);
        var arranged = ChannelsLast.Arrange(x, 1);
        Assert.Equal([60, 1, 15, 3], arranged.stride());
        Close.Equal(x, arranged, "numbers");
        Assert.Same(arranged, ChannelsLast.Arrange(arranged, 1));
    }

    [Theory]
    [InlineData(8, 8)]
    [InlineData(3, 4)]
    [InlineData(16, 8)]
    public void A_shortcut_that_skips_pixels_trains_with_few_channels_and_an_odd_batch(int input, int output)
    {
        // OneDNN's own way broke the heap here within some steps, and the process with it.
        using var conv = Conv.OverImage(input, output, kernel: 1, stride: 2);
        using (torch.no_grad())
        {
            conv.Weight.copy_(torch.randn(output, input, 1, 1));
        }
        for (var step = 0; step < 100; step++)
        {
            using var scope = torch.NewDisposeScope();
            var x = ChannelsLast.Arrange(torch.randn(27, input, 15, 16), 1).requires_grad_();
            var copy = x.detach().contiguous().requires_grad_();
            var upstream = torch.randn(27, output, 8, 8);
            var gradients = torch.autograd.grad([conv.call(x, new())], [x, conv.Weight], [upstream]);
            if (step == 0)
            {
                var expected = torch.autograd.grad([torch.nn.functional.conv2d(copy, conv.Weight, strides: [2, 2])], [copy, conv.Weight],
                    [upstream]);
                Close.Within(1e-4, expected[0], gradients[0], "gradient of x");
                Close.Within(1e-3, expected[1], gradients[1], "gradient of the weight");
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void A_convolution_over_tokens_keeps_that_order_and_gives_what_torchs_gives(int kernel)
    {
        using var scope = torch.NewDisposeScope();
        using var conv = Conv.OverTokens(6, 8, kernel, bias: true);
        using (torch.no_grad())
        {
            conv.Weight.copy_(torch.randn(8, 6, kernel));
            conv.Bias!.copy_(torch.randn(8));
        }
        var tokens = ChannelsLast.Arrange(torch.randn(5, 6, 7), 1);
        var output = conv.call(tokens, new());
        Assert.Equal([56, 1, 8], output.stride());
        Close.Within(1e-5, torch.nn.functional.conv1d(tokens, conv.Weight, conv.Bias, padding: kernel / 2), output, "output");
    }
}
