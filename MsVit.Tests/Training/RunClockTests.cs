using MsVit.MLNet;
using MsVit.Tests.Support;

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
        var time = new ManualTime();
        var clock = new RunClock(Recipe, stepsPerEpoch: 5, 0, new(), time);
        RunSteps(clock, time, 1, 5, secondsPerStep: 120);
        clock.EpochDone(1, done: 5);
        Assert.Equal(1, clock.Epochs);
    }

    [Fact]
    public void A_machine_that_becomes_slower_in_the_second_half_gets_a_shorter_schedule()
    {
        var (clock, time) = Fresh();
        RunSteps(clock, time, 1, 5 * StepsPerEpoch, secondsPerStep: 1);
        clock.EpochDone(5, done: 5 * StepsPerEpoch);
        Assert.Equal(9, clock.Epochs);

        RunSteps(clock, time, (5 * StepsPerEpoch) + 1, 6 * StepsPerEpoch, secondsPerStep: 2);
        clock.EpochDone(6, done: 6 * StepsPerEpoch);
        Assert.Equal((7, 7 * StepsPerEpoch), (clock.Epochs, clock.TotalSteps));
    }

    [Fact]
    public void The_time_before_the_first_step_counts_toward_the_budget_and_not_toward_the_pace()
    {
        var time = new ManualTime();
        time.Advance(400);
        var clock = new RunClock(Recipe, StepsPerEpoch, 0, new(), time, called: 0);
        RunSteps(clock, time, 1, StepsPerEpoch, secondsPerStep: 1);
        clock.EpochDone(1, done: StepsPerEpoch);
        Assert.Equal((5, 500), (clock.Epochs, clock.Elapsed.TotalSeconds));
        Assert.False(clock.IsOver);

        RunSteps(clock, time, StepsPerEpoch + 1, 6 * StepsPerEpoch, secondsPerStep: 1);
        Assert.True(clock.IsOver);
    }

    [Fact]
    public void A_resumed_run_remembers_what_its_first_call_spent_on_reading()
    {
        var time = new ManualTime();
        time.Advance(100);
        var first = new RunClock(Recipe, StepsPerEpoch, 0, new(), time, called: 0);
        RunSteps(first, time, 1, StepsPerEpoch, secondsPerStep: 1);
        first.EpochDone(1, done: StepsPerEpoch);

        var (state, again) = (first.State, time.GetTimestamp());
        time.Advance(100);
        var second = new RunClock(Recipe, StepsPerEpoch, 0, state, time, again);
        Assert.Equal(300, second.Elapsed.TotalSeconds);
        RunSteps(second, time, StepsPerEpoch + 1, 2 * StepsPerEpoch, secondsPerStep: 1);
        second.EpochDone(2, done: 2 * StepsPerEpoch);
        // 200 steps took 200 s, and 600 s are left.
        Assert.Equal(7, second.Epochs);
    }

    [Fact]
    public void A_run_without_a_budget_is_not_planned()
    {
        var time = new ManualTime();
        var clock = new RunClock(Recipe with { TimeBudget = null }, StepsPerEpoch, 0, new(), time);
        RunSteps(clock, time, 1, StepsPerEpoch, secondsPerStep: 1000);
        clock.EpochDone(1, done: StepsPerEpoch);
        Assert.Equal(Recipe.MaxEpoch + Recipe.CooldownEpochs, clock.Epochs);
        Assert.False(clock.IsOver);
    }

    private static (RunClock Clock, ManualTime Time) Fresh()
    {
        var time = new ManualTime();
        return (new RunClock(Recipe, StepsPerEpoch, 0, new ClockState(), time), time);
    }

    private static void RunSteps(RunClock clock, ManualTime time, int first, int last, double secondsPerStep)
    {
        for (var step = first; step <= last; step++)
        {
            time.Advance(secondsPerStep);
            clock.StepDone(step);
        }
    }
}
