using System.Text.Json;
using Microsoft.ML;

namespace MsVit.MLNet.Sweep;

/// <summary>The outcome of a sweep.</summary>
public sealed class SweepResult : IDisposable
{
    private readonly MLContext _mlContext;
    private readonly MsVitOptions _options;
    private readonly string? _temporary;
    private readonly Action<string>? _warn;

    internal SweepResult(
        MLContext mlContext,
        SweepRecord sweep,
        IReadOnlyList<TrialRecord> trials,
        SweepSettings settings,
        bool isComplete,
        string? temporary,
        Action<string>? warn = null)
    {
        _mlContext = mlContext;
        _options = settings.Options;
        (_temporary, _warn) = (temporary, warn);
        (Sweep, Trials, Objectives, IsComplete) = (sweep, trials, settings.Objectives, isComplete);
    }

    /// <summary>The stored sweep.</summary>
    public SweepRecord Sweep { get; }

    /// <summary>All trials by number, including those of other workers.</summary>
    public IReadOnlyList<TrialRecord> Trials { get; }

    /// <summary>What the sweep optimized.</summary>
    public IReadOnlyList<SweepObjective> Objectives { get; }

    /// <summary>Whether every requested trial has ended. False if the sweep ran out of time or epochs, or was canceled.</summary>
    public bool IsComplete { get; }

    /// <summary>
    /// The best completed trial by the first objective, and of equal ones by the next objectives, so that it is on the Pareto front; null
    /// if none has completed.
    /// </summary>
    public TrialRecord? Best => ParetoOrder.Best(Trials, Objectives);

    /// <summary>
    /// The completed trials that no other dominates: none is at least as good in all objectives and better in one. Ordered by the first
    /// objective, best first.
    /// </summary>
    public IReadOnlyList<TrialRecord> ParetoFront =>
        ParetoOrder.Front([.. Trials.Where(trial => trial.State == TrialState.Completed)], Objectives);

    /// <summary>The options of a trial, for training it again, longer or on all data.</summary>
    public MsVitOptions OptionsOf(TrialRecord trial)
    {
        ArgumentNullException.ThrowIfNull(trial);
        return _options.With(JsonSerializer.Deserialize<Dictionary<string, string>>(trial.Parameters)!);
    }

    /// <summary>Loads the saved model of a trial; the caller disposes of it.</summary>
    /// <exception cref="InvalidOperationException">The trial's model was not kept.</exception>
    public ITransformer LoadModel(TrialRecord trial)
    {
        ArgumentNullException.ThrowIfNull(trial);
        return trial.ModelPath is { } path ? _mlContext.Model.LoadMsVit(path, out _) : throw new InvalidOperationException(
            $"The model of trial {trial.Number} was not kept: raise KeepModels, or train it again with OptionsOf. "
            + "Sweeps with Folds keep no models.");
    }

    /// <summary>Deletes the models if they are in a temporary folder.</summary>
    public void Dispose()
    {
        if (_temporary is not null)
        {
            Leftover.DeleteFolder(_temporary, _warn);
        }
    }
}
