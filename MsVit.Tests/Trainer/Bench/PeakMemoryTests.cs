using MsVit.Tests.Support;
using MsVit.Trainer.Bench;
using TorchSharp;

namespace MsVit.Tests.Trainer.Bench;

[Collection(AloneTests.Name)]
public sealed class PeakMemoryTests
{
    private const long MiB = 1 << 20;

    [NeedsPeakMemoryFact]
    public void Two_tensors_at_a_time_take_twice_the_memory_of_one_after_the_other()
    {
        Assert.InRange(PeakMemory.Of(() => Touch(64 * MiB).Dispose())!.Value, 60 * MiB, 72 * MiB);
        Assert.InRange(PeakMemory.Ratio(TwoAtATime, OneAfterTheOther)!.Value, 1.85, 2.15);

        static void TwoAtATime()
        {
            using var a = Touch(64 * MiB);
            using var b = Touch(64 * MiB);
        }

        static void OneAfterTheOther()
        {
            Touch(64 * MiB).Dispose();
            Touch(64 * MiB).Dispose();
        }
    }

    [Fact]
    public void What_is_too_small_to_tell_has_no_ratio() =>
        Assert.Null(PeakMemory.Ratio(() => Touch(1024).Dispose(), () => Touch(1024).Dispose()));

    private static torch.Tensor Touch(long bytes) => torch.ones(bytes, dtype: torch.ScalarType.Byte);
}
