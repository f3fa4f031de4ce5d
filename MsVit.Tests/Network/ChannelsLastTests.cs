using MsVit.MLNet.Network;
using MsVit.MLNet.Network.Blocks;
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
        var output = conv.call(tokens);
        Assert.Equal([56, 1, 8], output.stride());
        Close.Within(1e-5, torch.nn.functional.conv1d(tokens, conv.Weight, conv.Bias, padding: kernel / 2), output, "output");
    }
}
