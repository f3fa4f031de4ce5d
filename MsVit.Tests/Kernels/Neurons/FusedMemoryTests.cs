using MsVit.MLNet.Kernels;
using TorchSharp;

namespace MsVit.Tests.Kernels.Neurons;

[Collection(FusedTests.Name)]
public sealed class FusedMemoryTests
{
    [Fact]
    public void Fifty_training_steps_leave_no_tensor_behind()
    {
        using var x = torch.randn(4, 30).requires_grad_();
        using var w = torch.tensor(0f).requires_grad_();
        long before = 0;
        for (var step = 0; step < 50; step++)
        {
            using (var scope = torch.NewDisposeScope())
            {
                var pass = new Pass();
                pass.Backward(FusedLif.Fire(FusedLif.Fire(x, Layers.Published, pass, w).transpose(0, 1) * 3, Layers.Published, pass).sum());
            }
            // The first step makes the gradients of x and w.
            before = step == 0 ? DisposeScopeManager.Statistics.ThreadTotalLiveCount : before;
            Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        }
    }

    [Fact]
    public void Fifty_steps_without_a_dispose_scope_leave_only_what_they_returned()
    {
        using var x = torch.randn(4, 30).requires_grad_();
        long before = 0;
        for (var step = 0; step < 50; step++)
        {
            var pass = new Pass();
            using var spikes = FusedLif.Fire(x, Layers.Published, pass);
            using var sum = spikes.sum();
            pass.Backward(sum);
            before = step == 0 ? DisposeScopeManager.Statistics.ThreadTotalLiveCount : before;
            Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        }
    }

    [Fact]
    public void Evaluation_returns_spikes_without_a_graph_and_keeps_nothing()
    {
        using var x = torch.randn(4, 30).requires_grad_();
        using var noGrad = torch.no_grad();
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        using (var spikes = FusedLif.Fire(x, Layers.Published, new()))
        {
            Assert.False(spikes.requires_grad);
            Assert.Equal(before + 1, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        }
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void A_large_layer_trains_in_memory_that_does_not_grow()
    {
        using var x = torch.randn(4, 1 << 18).requires_grad_();
        long settled = 0;
        for (var step = 0; step < 50; step++)
        {
            using var scope = torch.NewDisposeScope();
            var pass = new Pass();
            pass.Backward(FusedLif.Fire(x, Layers.Published, pass).sum());
            settled = step == 9 ? Environment.WorkingSet : settled;
        }
        // Each step makes spikes and gradients of 4 MiB each: those of forty steps would be 320 MiB.
        Assert.InRange(Environment.WorkingSet - settled, long.MinValue, 150L << 20);
    }

    [Fact]
    public void Fifty_steps_of_large_layers_let_neither_the_pool_nor_the_tensors_grow()
    {
        using var x = torch.randn(4, 1 << 18).requires_grad_();
        using var w = torch.tensor(0f).requires_grad_();
        (long Mapped, long InUse, long Tensors) settled = default;
        for (var step = 0; step < 50; step++)
        {
            using (var scope = torch.NewDisposeScope())
            {
                var pass = new Pass();
                pass.Backward(FusedLif.Fire(FusedLif.Fire(x, Layers.Published, pass, w) * 3, Layers.Published, pass).sum());
            }
            var now = (PooledTensor.Pool.Mapped, PooledTensor.Pool.InUse, torch.Tensor.TotalCount);
            settled = step == 1 ? now : settled;
            // What earlier tests left may go meanwhile: blocks that the pool forgets, tensors that are finalized.
            Assert.True(
                step < 1 || (now.Mapped <= settled.Mapped && now.InUse <= settled.InUse && now.TotalCount <= settled.Tensors),
                $"Step {step}: {now}, settled {settled}.");
        }
    }
}
