using System.Reflection;
using MsVit.MLNet;
using MsVit.MLNet.Kernels;
using MsVit.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace MsVit.Tests.Kernels.Memory;

public sealed class PooledTensorTests
{
    private static readonly long[] Shape = [4, 2, 48, 64, 32];

    // Channels last: axis 2 innermost.
    private static readonly long[] Strides = [2 * 48 * 64 * 32, 48 * 64 * 32, 1, 32 * 48, 48];

    [NeedsPoolFact]
    public void TorchSharp_declares_the_function_as_it_is_called()
    {
        var declared = typeof(torch).Assembly.GetType("TorchSharp.PInvoke.NativeMethods")!
            .GetMethods(BindingFlags.Static | BindingFlags.NonPublic)
            .Where(method => method.Name.StartsWith("THSTensor_", StringComparison.Ordinal));
        Assert.Equal("THSTensor_new", Assert.Single(declared, PooledTensor.IsAsExpected).Name);
    }

    [NeedsPoolFact]
    public void A_pooled_tensor_has_the_layout_of_torchs_own()
    {
        using var scope = NewDisposeScope();
        foreach (var type in new[] { float32, bfloat16, uint8 })
        {
            Same(PooledTensor.Empty(Shape, type), empty(Shape, dtype: type));
            Same(PooledTensor.Empty(Shape, Strides, type), empty_strided(Shape, Strides, dtype: type));
        }
        Assert.NotEqual(0, PooledTensor.Pool.InUse);

        static void Same(Tensor ours, Tensor torchs)
        {
            Assert.Equal(torchs.shape, ours.shape);
            Assert.Equal(torchs.stride(), ours.stride());
            Assert.Equal(torchs.dtype, ours.dtype);
            Assert.Equal(torchs.is_contiguous(), ours.is_contiguous());
            Assert.False(ours.requires_grad);
            Assert.True(ours.is_leaf);
        }
    }

    [NeedsPoolFact]
    public void Memory_is_returned_with_the_last_tensor_that_shares_it()
    {
        var before = PooledTensor.Pool.InUse;
        var tensor = PooledTensor.Empty([1 << 20], float32);
        tensor.fill_(3);
        var part = tensor.narrow(0, 1 << 19, 1024);
        tensor.Dispose();
        Assert.Equal(before + (4 << 20), PooledTensor.Pool.InUse);
        Assert.Equal(3, part.mean().item<float>());
        part.Dispose();
        Assert.Equal(before, PooledTensor.Pool.InUse);
    }

    [NeedsPoolFact]
    public void Memory_is_returned_on_the_finalizers_thread_too()
    {
        var before = PooledTensor.Pool.InUse;
        Drop();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        Assert.Equal(before, PooledTensor.Pool.InUse);

        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
        static void Drop() => PooledTensor.Empty([1 << 20], float32).DetachFromDisposeScope();
    }

    [NeedsPoolFact]
    public void A_saved_tensor_keeps_its_memory_until_the_graph_is_gone()
    {
        var before = PooledTensor.Pool.InUse;
        using (var scope = NewDisposeScope())
        {
            using var x = PooledTensor.Empty([1 << 20], float32).fill_(2).requires_grad_();
            var pooled = PooledTensor.Empty([1 << 20], float32).fill_(5);
            var product = x * pooled;
            pooled.Dispose();
            using var other = PooledTensor.Empty([1 << 20], float32).fill_(7);
            product.sum().backward();
            Assert.Equal(5, x.grad!.mean().item<float>());
        }
        Assert.Equal(before, PooledTensor.Pool.InUse);
    }

    [NeedsPoolFact]
    public void A_saved_tensor_that_was_changed_in_place_is_refused_by_autograd()
    {
        using var scope = NewDisposeScope();
        var x = ones(1 << 20).requires_grad_();
        var pooled = PooledTensor.Empty([1 << 20], float32).fill_(5);
        var product = x * pooled;
        pooled.add_(1);
        Assert.ThrowsAny<Exception>(product.sum().backward);
    }

    [NeedsPoolFact]
    public void The_switch_gives_torchs_own_memory()
    {
        try
        {
            AppContext.SetSwitch(MemoryAllocator.Switch, false);
            var before = PooledTensor.Pool.InUse;
            using var tensor = PooledTensor.Empty([1 << 20], float32);
            Assert.Equal(before, PooledTensor.Pool.InUse);
        }
        finally
        {
            AppContext.SetSwitch(MemoryAllocator.Switch, true);
        }
    }

    [NeedsPoolFact]
    public void Small_tensors_are_torchs_own()
    {
        var before = PooledTensor.Pool.InUse;
        using var tensor = PooledTensor.Empty([(1 << 18) - 1], float32);
        Assert.Equal(before, PooledTensor.Pool.InUse);
    }

    [NeedsPoolFact]
    public void Freed_blocks_are_returned_with_the_allocators()
    {
        PooledTensor.Empty([1 << 20], float32).Dispose();
        Assert.True(PooledTensor.ReturnFreedBlocks());
        Assert.Equal(0, PooledTensor.Pool.Mapped - PooledTensor.Pool.InUse);
    }

    [NeedsPoolFact]
    public void A_process_that_ends_with_living_tensors_ends_well()
    {
        using var child = FreshProcess.Start(FreshProcess.ExitVerb);
        Assert.Equal(FreshProcess.Leaving, child.StandardOutput.ReadLine());
        var ended = child.WaitForExit(TimeSpan.FromSeconds(60));
        if (!ended)
        {
            child.Kill();
        }
        Assert.True(ended, "The process did not end.");
        Assert.True(child.ExitCode == 0, child.StandardError.ReadToEnd());
    }
}
