using MsVit.MLNet;
using MsVit.MLNet.Kernels;
using TorchSharp;

namespace MsVit.Tests.Network.Neurons;

public sealed class LifKernelTests
{
    private static readonly LifDynamics Published = new(Tau: 2, Threshold: 1, Surrogate.Default);

    [Fact]
    public void Neurons_of_an_eager_pass_are_composed_of_many_operations_and_those_of_others_are_not()
    {
        using var scope = torch.NewDisposeScope();
        var x = torch.randn(4, 100).requires_grad_();
        var eager = new Pass(Backend.Eager);
        var fused = Tensors(x, new());
        Assert.True(Tensors(x, eager) > 3 * fused);
        Assert.True(Tensors(x, eager.Again()) > 3 * fused);
        Assert.Equal(fused, Tensors(x, new()));
    }

    [Fact]
    public void Eager_neurons_fire_the_same_spikes()
    {
        using var scope = torch.NewDisposeScope();
        var x = torch.randn(4, 1000);
        var (fused, eager) = (LifKernel.Fire(x, Published, new()), LifKernel.Fire(x, Published, new(Backend.Eager)));
        Assert.Equal(fused.data<float>().ToArray(), eager.data<float>().ToArray());
    }

    // How many tensors one call makes.
    private static long Tensors(torch.Tensor x, Pass pass)
    {
        using var scope = torch.NewDisposeScope();
        var before = DisposeScopeManager.Statistics.CreatedInScopeCount;
        LifKernel.Fire(x, Published, pass);
        return DisposeScopeManager.Statistics.CreatedInScopeCount - before;
    }
}
