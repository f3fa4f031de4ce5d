using MsVit.MLNet;
using MsVit.MLNet.Kernels;
using static TorchSharp.torch;

namespace MsVit.Tests.Kernels.Autograd;

public sealed class BackwardFaultTests
{
    public BackwardFaultTests() => NativeTorch.EnsureLoaded();

    [Fact]
    public void What_a_backward_function_throws_comes_out_behind_torch_and_once()
    {
        using var scope = NewDisposeScope();
        var x = ones(3).requires_grad_();
        var e = Assert.Throws<InsufficientMemoryException>(() => BackwardFault.Backward(Function.apply(x * x, true).sum()));
        Assert.Equal("no memory for gradients", e.Message);

        BackwardFault.Backward(Function.apply(x * x, false).sum());
        Assert.Equal([2f, 2, 2], x.grad!.data<float>().ToArray());
    }

    private sealed class Function : autograd.SingleTensorFunction<Function>
    {
        public override string Name => nameof(BackwardFaultTests);

        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
        {
            ctx.save_data("fails", vars[1]);
            return ((Tensor)vars[0]).alias();
        }

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output) => BackwardFault.Keep(
            2, () => (bool)ctx.get_data("fails") ? throw new InsufficientMemoryException("no memory for gradients") : [grad_output.alias(), null!]);
    }
}
