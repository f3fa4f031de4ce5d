namespace MsVit.MLNet;

/// <summary>Times the run, and with a time budget decides how many epochs fit into it.</summary>
/// <param name="recipe">With the most epochs and the budget.</param>
/// <param name="stepsPerEpoch">Training steps of one epoch.</param>
/// <param name="evaluationShare">The cost of one validation pass as a share of an epoch's training.</param>
/// <param name="before">What was used and planned before the run was taken up again.</param>
/// <param name="time">What tells the time; the system's by default.</param>
internal sealed class RunClock(TrainingRecipe recipe, int stepsPerEpoch, double evaluationShare, ClockState before, TimeProvider? time = null)
{
    private const int UntimedSteps = 3;
    private const int FirstPlan = 12;
    private const double Margin = 0.97;

    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private readonly long _start = (time ?? TimeProvider.System).GetTimestamp();
    private TimeSpan _now = before.Elapsed;
    private TimeSpan _timedFrom;
    private long _nextPlan = FirstPlan;
    private bool _isPlanned = before.TotalSteps > 0 && before.TotalSteps < (long)recipe.MaxEpoch * stepsPerEpoch;

    /// <summary>What a validation is expected to take, as a share of an epoch's training.</summary>
    public double EvaluationShare => evaluationShare;

    /// <summary>What the last validation took; null before the first.</summary>
    public TimeSpan? LastEvaluation { get; set; }

    /// <summary>Time since the run began, without the time between its end and its being taken up again.</summary>
    public TimeSpan Elapsed => before.Elapsed + _time.GetElapsedTime(_start);

    /// <summary>How many epochs the run will have.</summary>
    public int Epochs { get; private set; } = before.Epochs > 0 ? before.Epochs : recipe.MaxEpoch + recipe.CooldownEpochs;

    /// <summary>How many steps the schedule spans, the cooldown left out; fewer than the epochs' when not even one fits.</summary>
    public long TotalSteps { get; private set; } = before.Epochs > 0 ? before.TotalSteps : (long)recipe.MaxEpoch * stepsPerEpoch;

    /// <summary>Steps that are left to the end, the cooldown included.</summary>
    public long StepsLeft(long done) => Math.Max(0, Math.Max(TotalSteps, recipe.TimeBudget is null ? (long)Epochs * stepsPerEpoch : 0) - done);

    /// <summary>Whether the budget was spent when the last step or epoch was done.</summary>
    public bool IsOver => recipe.TimeBudget is { } budget && _now >= budget;

    /// <summary>What is needed to go on later.</summary>
    public ClockState State => new() { Elapsed = Elapsed, Epochs = Epochs, TotalSteps = TotalSteps };

    /// <summary>Takes note of a finished step; within the first epoch plans the run after 12 timed steps, and whenever their number doubled.</summary>
    /// <remarks>The first steps of a process are its slowest, more so on a busy machine: a plan made once would end the run early.</remarks>
    /// <param name="done">Steps done since the beginning.</param>
    public void StepDone(long done)
    {
        _now = Elapsed;
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

    /// <summary>Takes note of an evaluated epoch: ends the run with it if the budget is spent, else plans anew from whole epochs.</summary>
    /// <remarks>
    /// It plans in the first half of the budget alone, so that the schedule's end stays smooth; and where epochs of a few steps, the first of which
    /// took more than that half, were not planned at all.
    /// </remarks>
    /// <param name="epoch">The epoch, from 1; part of one does not change the plan.</param>
    /// <param name="done">Steps done since the beginning.</param>
    public void EpochDone(int epoch, long done)
    {
        _now = Elapsed;
        if (IsOver)
        {
            (Epochs, TotalSteps) = (epoch, done);
        }
        else if (done == (long)epoch * stepsPerEpoch && (2 * _now <= recipe.TimeBudget || !_isPlanned))
        {
            Plan(done, _now / done, 0);
        }
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
