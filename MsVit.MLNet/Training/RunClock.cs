namespace MsVit.MLNet;

/// <summary>Measures the time of the run and, with a time budget, decides how many epochs fit into it.</summary>
/// <param name="recipe">Has the largest number of epochs, and the budget.</param>
/// <param name="stepsPerEpoch">Training steps per epoch.</param>
/// <param name="evaluationShare">The expected time of an evaluation relative to the training time of an epoch.</param>
/// <param name="before">The time used, and the plan, before the run was resumed.</param>
/// <param name="time">The source of time; the system's by default.</param>
/// <param name="called">
/// When Fit was called, as a timestamp of that source; null (the default) for now. What came since, such as reading the samples, counts
/// toward the budget.
/// </param>
/// <param name="group">
/// The ranks, all of which take the time of rank 0: with their own clocks, their plans would differ. One process by default.
/// </param>
internal sealed class RunClock(
    TrainingRecipe recipe, int stepsPerEpoch, double evaluationShare, ClockState before, TimeProvider? time = null, long? called = null,
    RankGroup? group = null)
{
    private const int UntimedSteps = 3;
    private const int FirstPlan = 12;
    private const double Margin = 0.97;

    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private readonly long _called = called ?? (time ?? TimeProvider.System).GetTimestamp();
    private readonly TimeSpan _preparation =
        before.Preparation + OfFirst(recipe, group, Since(time ?? TimeProvider.System, called));
    private TimeSpan _now = before.Elapsed + OfFirst(recipe, group, Since(time ?? TimeProvider.System, called));
    private (TimeSpan Time, long Steps)? _lastEpoch;
    private TimeSpan _timedFrom;
    private long _nextPlan = FirstPlan;
    private bool _isPlanned = before.TotalSteps > 0 && before.TotalSteps < (long)recipe.MaxEpoch * stepsPerEpoch;

    /// <summary>The expected time of an evaluation relative to the training time of an epoch.</summary>
    public double EvaluationShare => evaluationShare;

    /// <summary>The time that the last evaluation took; null before the first.</summary>
    public TimeSpan? LastEvaluation { get; set; }

    /// <summary>The time since Fit was called, with that of the calls before an interruption.</summary>
    public TimeSpan Elapsed => before.Elapsed + _time.GetElapsedTime(_called);

    /// <summary>The number of epochs that the run will have.</summary>
    public int Epochs { get; private set; } = before.Epochs > 0 ? before.Epochs : recipe.MaxEpoch + recipe.CooldownEpochs;

    /// <summary>The number of steps that the schedule spans, without the cooldown; less than an epoch if not even one fits.</summary>
    public long TotalSteps { get; private set; } = before.Epochs > 0 ? before.TotalSteps : (long)recipe.MaxEpoch * stepsPerEpoch;

    /// <summary>Steps until the end, including the cooldown.</summary>
    public long StepsLeft(long done) =>
        Math.Max(0, Math.Max(TotalSteps, recipe.TimeBudget is null ? (long)Epochs * stepsPerEpoch : 0) - done);

    /// <summary>Whether the budget was spent when the last step or epoch was done.</summary>
    public bool IsOver => recipe.TimeBudget is { } budget && _now >= budget;

    /// <summary>The state for a checkpoint.</summary>
    public ClockState State =>
        new() { Elapsed = Elapsed, Preparation = _preparation, Epochs = Epochs, TotalSteps = TotalSteps };

    /// <summary>
    /// Records a finished step. Within the first epoch, plans the run after 12 timed steps and whenever their number has doubled.
    /// </summary>
    /// <remarks>
    /// The first steps of a process are the slowest, especially on a busy machine; a single plan would end the run early.
    /// </remarks>
    /// <param name="done">Steps done since the beginning.</param>
    public void StepDone(long done)
    {
        _now = OfFirst(recipe, group, Elapsed);
        var timed = done - UntimedSteps;
        if (timed == 0)
        {
            _timedFrom = _now;
        }
        else if (timed >= _nextPlan && done <= stepsPerEpoch)
        {
            Plan(done, (_now - _timedFrom) / timed, evaluationShare);
            _nextPlan = 2 * timed;
        }
    }

    /// <summary>
    /// Records an evaluated epoch. Ends the run with it if the budget is spent; otherwise plans again, from whole epochs.
    /// </summary>
    /// <remarks>
    /// In the second half of the budget the plan stands, so that the end of the schedule stays smooth, unless the machine has become slower
    /// and the budget would end first, or there is no plan yet because the first epoch had only a few steps.
    /// </remarks>
    /// <param name="epoch">The epoch, from 1. An incomplete epoch does not change the plan.</param>
    /// <param name="done">Steps done since the beginning.</param>
    public void EpochDone(int epoch, long done)
    {
        _now = OfFirst(recipe, group, Elapsed);
        if (IsOver)
        {
            (Epochs, TotalSteps) = (epoch, done);
        }
        else if (done == (long)epoch * stepsPerEpoch)
        {
            var pace = Pace(done);
            if (2 * _now <= recipe.TimeBudget || !_isPlanned || _now + (pace * (TotalSteps - done)) > recipe.TimeBudget)
            {
                Plan(done, pace, 0);
            }
        }
        _lastEpoch = (_now, done);
    }

    // Without a budget, time decides nothing.
    private static TimeSpan OfFirst(TrainingRecipe recipe, RankGroup? group, TimeSpan own) =>
        recipe.TimeBudget is null || group is null ? own : new(group.FromFirst(own.Ticks));

    private static TimeSpan Since(TimeProvider time, long? called) => called is { } then ? time.GetElapsedTime(then) : TimeSpan.Zero;

    // The time of a step with its part of the evaluations: the mean of all epochs, or that of the last one if that was slower.
    private TimeSpan Pace(long done)
    {
        var mean = (_now - _preparation) / done;
        if (_lastEpoch is not { } last || done <= last.Steps)
        {
            return mean;
        }
        var recent = (_now - last.Time) / (done - last.Steps);
        return recent > mean ? recent : mean;
    }

    private void Plan(long done, TimeSpan step, double extra)
    {
        if (recipe.TimeBudget is not { } budget)
        {
            return;
        }
        _isPlanned = true;
        var left = (budget - _now) * Margin;
        var steps = done + (long)(left / (step * (1 + extra)));
        Epochs = (int)Math.Clamp(steps / stepsPerEpoch, 1, recipe.MaxEpoch);
        TotalSteps = Math.Max(done + 1, Math.Min((long)Epochs * stepsPerEpoch, Math.Max(steps, done + 1)));
    }
}
