using MsVit.MLNet;

namespace MsVit.Tests.Training;

public sealed class OutOfMemoryTests
{
    [Theory]
    [InlineData("[enforce fail at alloc_cpu.cpp:124] err == 0. DefaultCPUAllocator: can't allocate memory: you tried to allocate 4000000000000 bytes.", true)]
    [InlineData("CUDA out of memory. Tried to allocate 2.00 GiB.", true)]
    [InlineData("The size of tensor a (3) must match the size of tensor b (4)", false)]
    public void Torchs_errors_of_memory_are_told_from_its_others(string message, bool expected) =>
        Assert.Equal(expected, OutOfMemory.IsNamedBy(message));

    [Fact]
    public void A_tensor_that_no_machine_can_hold_is_such_an_error()
    {
        var error = Assert.ThrowsAny<Exception>(() => TorchSharp.torch.empty([1L << 47]));
        Assert.True(OutOfMemory.Is(error), error.ToString());
    }
}
