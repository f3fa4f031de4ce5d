using MsVit.MLNet;

namespace MsVit.Tests.Training;

public sealed class RunClockTests
{
    private const int StepsPerEpoch = 100;

    private static readonly TrainingRecipe Recipe = new() { MaxEpoch = 50, TimeBudget = TimeSpan.FromSeconds(1000), WarmupEpochs = 0 };

    [Fact]
    public void Steady_steps_plan_the_epochs_that_fit_the_budget()
    {
        var (clock, time) = Fresh();
        RunSteps(clock, time, 1, 20, secondsPerStep: 1);
        Assert.Equal(9, clock.Epochs);
    }

    [Fact]
    public void A_slow_start_does_not_decide_the_plan()
    {
        var (clock, time) = Fresh();
        RunSteps(clock, time, 1, 16, secondsPerStep: 8);
        Assert.Equal(1, clock.Epochs);

        RunSteps(clock, time, 17, StepsPerEpoch, secondsPerStep: 1);
        Assert.InRange(clock.Epochs, 2, 9);

        clock.EpochDone(1, done: StepsPerEpoch);
        var afterOne = clock.Epochs;
        RunSteps(clock, time, StepsPerEpoch + 1, 2 * StepsPerEpoch, secondsPerStep: 1);
        clock.EpochDone(2, done: 2 * StepsPerEpoch);
        Assert.True(clock.Epochs > afterOne, $"{clock.Epochs} epochs after two, {afterOne} after one");
    }

    [Fact]
    public void The_plan_stands_in_the_second_half_of_the_budget()
    {
        var (clock, time) = Fresh();
        RunSteps(clock, time, 1, 6 * StepsPerEpoch, secondsPerStep: 1);
        var before = (clock.Epochs, clock.TotalSteps);
        clock.EpochDone(6, done: 6 * StepsPerEpoch);
        Assert.Equal(before, (clock.Epochs, clock.TotalSteps));
    }

    [Fact]
    public void Epochs_of_a_few_steps_are_planned_behind_the_first_however_late_it_ends()
    {
        var time = new HandTime();
        var clock = new RunClock(Recipe, stepsPerEpoch: 5, 0, new(), time);
        RunSteps(clock, time, 1, 5, secondsPerStep: 120);
        clock.EpochDone(1, done: 5);
        Assert.Equal(1, clock.Epochs);
    }

    [Fact]
    public void A_run_without_a_budget_is_not_planned()
    {
        var time = new HandTime();
        var clock = new RunClock(Recipe with { TimeBudget = null }, StepsPerEpoch, 0, new(), time);
        RunSteps(clock, time, 1, StepsPerEpoch, secondsPerStep: 1000);
        clock.EpochDone(1, done: StepsPerEpoch);
        Assert.Equal(Recipe.MaxEpoch + Recipe.CooldownEpochs, clock.Epochs);
        Assert.False(clock.IsOver);
    }

    private static (RunClock Clock, HandTime Time) Fresh()
    {
        var time = new HandTime();
        return (new RunClock(Recipe, StepsPerEpoch, 0, new ClockState(), time), time);
    }

    private static void RunSteps(RunClock clock, HandTime time, int first, int last, double secondsPerStep)
    {
        for (var step = first; step <= last; step++)
        {
            time.Advance(secondsPerStep);
            clock.StepDone(step);
        }
    }

    private sealed class HandTime : TimeProvider
    {
        private long _ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _ticks;

        public void Advance(double seconds) => _ticks += (long)(seconds * TimeSpan.TicksPerSecond);
    }
}
