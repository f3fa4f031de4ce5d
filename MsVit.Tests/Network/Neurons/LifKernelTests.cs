using MsVit.MLNet;
using MsVit.MLNet.Kernels;
using TorchSharp;

namespace MsVit.Tests.Network.Neurons;

public sealed class LifKernelTests
{
    private static readonly LifDynamics Published = new(Tau: 2, Threshold: 1, Surrogate.Default);

    [Fact]
    public void Neurons_are_composed_of_many_operations_until_the_outermost_eager_scope_ends()
    {
        using var scope = torch.NewDisposeScope();
        var x = torch.randn(4, 100).requires_grad_();
        var fused = Tensors(x);
        var outer = new EagerScope();
        using (new EagerScope())
        {
            Assert.True(Tensors(x) > 3 * fused);
        }
        Assert.True(Tensors(x) > 3 * fused);
        outer.Dispose();
        outer.Dispose();
        Assert.Equal(fused, Tensors(x));
    }

    [Fact]
    public void Eager_neurons_fire_the_same_spikes()
    {
        using var scope = torch.NewDisposeScope();
        var x = torch.randn(4, 1000);
        var fused = LifKernel.Fire(x, Published);
        using var eager = new EagerScope();
        Assert.Equal(fused.data<float>().ToArray(), LifKernel.Fire(x, Published).data<float>().ToArray());
    }

    // How many tensors one call makes.
    private static long Tensors(torch.Tensor x)
    {
        using var scope = torch.NewDisposeScope();
        var before = DisposeScopeManager.Statistics.CreatedInScopeCount;
        LifKernel.Fire(x, Published);
        return DisposeScopeManager.Statistics.CreatedInScopeCount - before;
    }
}
