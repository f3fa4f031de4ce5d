using System.Runtime.InteropServices;
using MsVit.MLNet;
using MsVit.Tests.Support;
using MsVit.Tests.Training.Steps;
using static TorchSharp.torch;

namespace MsVit.Tests.Training;

public sealed class OutOfMemoryTests
{
    // Elements that no machine can hold.
    private const long TooMany = 1L << 47;

    private static readonly TrainingRecipe Recipe = DotTask.Recipe with { BatchSize = 8, MaxGradientNorm = 0.5, StochasticDepth = 0.3 };

    [Theory]
    [InlineData("[enforce fail at alloc_cpu.cpp:124] err == 0. DefaultCPUAllocator: can't allocate memory: you tried to allocate "
        + "4000000000000 bytes.", true)]
    [InlineData("CUDA out of memory. Tried to allocate 2.00 GiB.", true)]
    [InlineData("The size of tensor a (3) must match the size of tensor b (4)", false)]
    public void Torchs_errors_of_memory_are_told_from_its_others(string message, bool expected) =>
        Assert.Equal(expected, OutOfMemory.IsNamedBy(message));

    [Fact]
    public void A_tensor_that_no_machine_can_hold_is_such_an_error()
    {
        var error = Assert.ThrowsAny<Exception>(() => empty([TooMany]));
        Assert.True(OutOfMemory.Is(error), error.ToString());
    }

    [Fact]
    public void An_error_of_torch_without_a_text_may_be_one_of_memory_and_is_not_called_one()
    {
        var error = new AggregateException(NativeErrors.WithoutText());
        Assert.False(OutOfMemory.Is(error));
        Assert.True(OutOfMemory.MayBe(error));
        Assert.False(OutOfMemory.MayBe(NativeErrors.WithText("The size of tensor a (3) must match the size of tensor b (4)")));
    }

    [Theory]
    [InlineData(false, true)]
    [InlineData(true, true)]
    [InlineData(true, false)]
    public void A_step_whose_passes_do_not_fit_is_the_step_of_smaller_passes(bool readsEachStep, bool hasText)
    {
        using var scope = NewDisposeScope();
        using var small = new StepRun(Recipe with { MicroBatchSize = 2 }, readsEachStep);
        using var large = new StepRun(Recipe, readsEachStep);
        FitsUpTo(2, large.Network, hasText);
        small.Run(2);
        large.Run(2);
        Assert.Equal(2, large.Step.MicroBatchSize);
        Assert.Equal(small.Step.Read(), large.Step.Read());
        var expected = small.State();
        Assert.All(large.State(), item => Assert.True(item.Value.equal(expected[item.Key]).all().item<bool>(), item.Key));
    }

    [Fact]
    public void A_single_sample_that_does_not_fit_stops_the_run_with_what_to_do()
    {
        using var run = new StepRun(Recipe, readsEachStep: true);
        FitsUpTo(0, run.Network);
        var error = Assert.Throws<InvalidOperationException>(() => run.Run(1));
        Assert.Contains("one sample at a time. Choose a smaller network", error.Message, StringComparison.Ordinal);
        Assert.Equal(1, run.Step.MicroBatchSize);
    }

    [Fact]
    public void A_single_sample_with_an_error_without_a_text_stops_the_run_and_memory_is_only_a_guess()
    {
        using var run = new StepRun(Recipe, readsEachStep: true);
        FitsUpTo(0, run.Network, hasText: false);
        var error = Assert.Throws<InvalidOperationException>(() => run.Run(1));
        Assert.StartsWith("Torch reported an error without a text for one sample at a time. If memory ran out: Choose a smaller network",
            error.Message, StringComparison.Ordinal);
        Assert.IsType<SEHException>(error.InnerException);
    }

    // The head sees features [T, B, C].
    private static void FitsUpTo(int samples, MsVitNetwork network, bool hasText = true)
    {
        var head = (nn.Module<Tensor, Tensor>)network.named_children().Single(child => child.name == "head").module;
        head.register_forward_pre_hook((_, features) => features.shape[1] <= samples ? features
            : hasText ? empty([TooMany])
            : throw NativeErrors.WithoutText());
    }
}
