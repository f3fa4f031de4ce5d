using MsVit.MLNet;

namespace MsVit.Tests.Training.Schedule;

public sealed class ScheduleTests
{
    private static readonly EpochCosine ByEpoch = new(Base: 1, Minimum: 0.1, WarmupStart: 0.2, WarmupEpochs: 4, Epochs: 20,
        StepsPerEpoch: 10);
    private static readonly StepHalfCosine ByStep = new(Base: 1, Minimum: 0.1, WarmupEpochs: 2, Epochs: 12, StepsPerEpoch: 10);

    [Fact]
    public void The_cosine_by_epoch_warms_up_from_its_start_and_is_not_shifted_by_the_warm_up()
    {
        Assert.Equal(0.2, ByEpoch.At(9), 12);
        Assert.Equal(0.6, ByEpoch.At(20), 12);
        Assert.Equal(0.1 + (0.45 * (1 + Math.Cos(Math.PI * 0.2))), ByEpoch.At(40), 12);
        Assert.Equal(0.55, ByEpoch.At(100), 12);
    }

    [Fact]
    public void The_cosine_by_epoch_stays_at_the_minimum_in_the_cooldown()
    {
        Assert.True(ByEpoch.At(199) > 0.1);
        Assert.Equal(0.1, ByEpoch.At(200));
        Assert.Equal(0.1, ByEpoch.At(100_000));
    }

    [Fact]
    public void The_cosine_by_step_rises_from_nothing_to_the_base_and_is_half_way_down_in_the_middle()
    {
        Assert.Equal(0, ByStep.At(0));
        Assert.Equal(0.05, ByStep.At(1), 12);
        Assert.Equal(1, ByStep.At(20), 12);
        Assert.Equal(0.55, ByStep.At(70), 12);
        Assert.Equal(0.1, ByStep.At(120));
        Assert.Equal(0.1, ByStep.At(100_000));
    }

    [Fact]
    public void Without_a_warm_up_both_begin_at_the_base()
    {
        Assert.Equal(1, (ByEpoch with { WarmupEpochs = 0 }).At(0), 12);
        Assert.Equal(1, (ByStep with { WarmupEpochs = 0 }).At(0), 12);
    }
}
