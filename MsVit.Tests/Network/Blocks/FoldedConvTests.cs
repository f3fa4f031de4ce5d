using MsVit.MLNet;
using MsVit.Tests.Golden;
using TorchSharp;
using TorchSharp.Modules;

namespace MsVit.Tests.Network.Blocks;

public sealed class FoldedConvTests
{
    [Fact]
    public void One_channel_gives_what_pencil_and_paper_give()
    {
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        using var conv = Conv.OverTokens(1, 1, bias: true);
        using var norm = torch.nn.BatchNorm1d(1, eps: 0);
        conv.Weight.fill_(2);
        conv.Bias!.fill_(3);
        norm.weight!.fill_(6);
        norm.bias!.fill_(0.5);
        norm.running_mean!.fill_(1);
        norm.running_var!.fill_(4);
        using var folded = new FoldedConv(conv, norm);
        // 2 * 1.5 + 3 = 6; (6 - 1) / 2 * 6 + 0.5 = 15.5
        Assert.Equal(15.5f, folded.Forward(torch.full([1, 1, 1], 1.5f), new()).item<float>());
    }

    [Theory]
    [InlineData(1, 1, true, false)]
    [InlineData(3, 1, false, false)]
    [InlineData(1, 2, false, true)]
    [InlineData(3, 1, true, true)]
    [InlineData(3, 2, false, true)]
    public void It_is_the_convolution_and_then_the_norm_in_single_and_double_precision(int kernel, int stride, bool bias, bool image)
    {
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        using var generator = new torch.Generator(41);
        using var conv = image ? Conv.OverImage(5, 7, kernel, stride, bias) : Conv.OverTokens(5, 7, kernel, bias);
        using BatchNorm norm = image ? torch.nn.BatchNorm2d(7) : torch.nn.BatchNorm1d(7);
        norm.eval();
        conv.Weight.copy_(torch.randn(conv.Weight.shape, generator: generator));
        conv.Bias?.copy_(torch.randn([7], generator: generator));
        norm.weight!.copy_(torch.randn([7], generator: generator));
        norm.bias!.copy_(torch.randn([7], generator: generator));
        norm.running_mean!.copy_(torch.randn([7], generator: generator));
        norm.running_var!.copy_(torch.rand([7], generator: generator) + 0.01);
        var x = torch.randn(image ? [3, 5, 6, 9] : [3, 5, 11], generator: generator);

        Check(x, 2e-4);
        conv.to(torch.float64);
        norm.to(torch.float64);
        Check(x.to(torch.ScalarType.Float64), 1e-11);

        void Check(torch.Tensor input, double tolerance)
        {
            using var folded = new FoldedConv(conv, norm);
            Close.Within(tolerance, norm.call(conv.call(input, new())), folded.Forward(input, new()), $"{input.dtype}");
        }
    }
}
