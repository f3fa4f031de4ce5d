using MsVit.MLNet.Training;
using MsVit.Tests.Support;

namespace MsVit.Tests.Training;

public sealed class OutOfMemoryTests
{
    [Theory]
    [InlineData("[enforce fail at alloc_cpu.cpp:124] err == 0. DefaultCPUAllocator: can't allocate memory: you tried to allocate 4000000000000 bytes.", true)]
    [InlineData("CUDA out of memory. Tried to allocate 2.00 GiB.", true)]
    [InlineData("The size of tensor a (3) must match the size of tensor b (4)", false)]
    public void Torchs_errors_of_memory_are_told_from_its_others(string message, bool expected) =>
        Assert.Equal(expected, OutOfMemory.IsNamedBy(message));

    [LinuxFact("a limit of its address space")]
    public void A_batch_that_memory_does_not_hold_goes_through_in_halves_to_the_same_weights()
    {
        using var child = FreshProcess.Start(FreshProcess.ScarceVerb);
        var errors = child.StandardError.ReadToEndAsync();
        var lines = child.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        child.WaitForExit();
        Assert.True(child.ExitCode == 0, errors.Result);

        var (halves, notice, whole) = (lines[0], lines[1], lines[^1]);
        Assert.Contains($"from now on {ScarceMemory.Half} samples go through the network at a time, and 64 into a step as before", notice, StringComparison.Ordinal);
        Assert.StartsWith(ScarceMemory.Weights, whole, StringComparison.Ordinal);
        Assert.Equal(halves, whole);
        Assert.Equal(3, lines.Length);
    }

    [Fact]
    public void A_tensor_that_no_machine_can_hold_is_such_an_error()
    {
        var error = Assert.ThrowsAny<Exception>(() => TorchSharp.torch.empty([1L << 47]));
        Assert.True(OutOfMemory.Is(error), error.ToString());
    }
}
