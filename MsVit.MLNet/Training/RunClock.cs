using System.Diagnostics;

namespace MsVit.MLNet.Training;

/// <summary>Times the run, and with a time budget decides how many epochs fit into it.</summary>
/// <param name="recipe">With the most epochs and the budget.</param>
/// <param name="stepsPerEpoch">Training steps of one epoch.</param>
/// <param name="evaluationShare">The cost of one validation pass as a share of an epoch's training.</param>
internal sealed class RunClock(TrainingRecipe recipe, int stepsPerEpoch, double evaluationShare)
{
    private const int UntimedSteps = 3;
    private const int TimedSteps = 12;
    private const double Margin = 0.97;

    private readonly Stopwatch _total = Stopwatch.StartNew();
    private TimeSpan _timedFrom;

    /// <summary>What a validation is expected to take, as a share of an epoch's training.</summary>
    public double EvaluationShare => evaluationShare;

    /// <summary>What the last validation took; null before the first.</summary>
    public TimeSpan? LastEvaluation { get; set; }

    /// <summary>Time since the run began.</summary>
    public TimeSpan Elapsed => _total.Elapsed;

    /// <summary>How many epochs the run will have.</summary>
    public int Epochs { get; private set; } = recipe.MaxEpoch;

    /// <summary>How many steps the schedule spans; fewer than the epochs' when not even one fits.</summary>
    public long TotalSteps { get; private set; } = (long)recipe.MaxEpoch * stepsPerEpoch;

    /// <summary>Whether the budget is spent.</summary>
    public bool IsOver => recipe.TimeBudget is { } budget && _total.Elapsed >= budget;

    /// <summary>Takes note of a finished step and, once the early ones are timed, plans the run.</summary>
    /// <param name="done">Steps done since the beginning.</param>
    public void StepDone(long done)
    {
        if (done == UntimedSteps)
        {
            _timedFrom = _total.Elapsed;
        }
        else if (done == UntimedSteps + TimedSteps)
        {
            Plan(done, (_total.Elapsed - _timedFrom) / TimedSteps, evaluationShare);
        }
    }

    /// <summary>Plans anew from whole epochs, their validation included; only in the first half, so that the schedule's end stays smooth.</summary>
    public void EpochDone(int epoch)
    {
        if (2 * epoch <= Epochs)
        {
            var done = (long)epoch * stepsPerEpoch;
            Plan(done, _total.Elapsed / done, 0);
        }
    }

    /// <summary>Ends the run with this epoch.</summary>
    public void EndWith(int epoch, long done)
    {
        Epochs = epoch;
        TotalSteps = done;
    }

    private void Plan(long done, TimeSpan step, double extra)
    {
        if (recipe.TimeBudget is not { } budget)
        {
            return;
        }
        var left = (budget - _total.Elapsed) * Margin;
        var steps = done + (long)(left / (step * (1 + extra)));
        Epochs = (int)Math.Clamp(steps / stepsPerEpoch, 1, recipe.MaxEpoch);
        TotalSteps = Math.Max(done + 1, Math.Min((long)Epochs * stepsPerEpoch, Math.Max(steps, done + 1)));
    }
}
