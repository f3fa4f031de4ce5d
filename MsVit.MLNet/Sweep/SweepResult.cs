using System.Text.Json;
using Microsoft.ML;

namespace MsVit.MLNet.Sweep;

/// <summary>What a sweep found.</summary>
public sealed class SweepResult : IDisposable
{
    private readonly MLContext _mlContext;
    private readonly MsVitOptions _options;
    private readonly string? _temporary;

    internal SweepResult(MLContext mlContext, SweepRecord sweep, IReadOnlyList<TrialRecord> trials, SweepSettings settings, bool isComplete, string? temporary)
    {
        _mlContext = mlContext;
        _options = settings.Options;
        _temporary = temporary;
        (Sweep, Trials, Objectives, IsComplete) = (sweep, trials, settings.Objectives, isComplete);
    }

    /// <summary>The sweep as it is stored.</summary>
    public SweepRecord Sweep { get; }

    /// <summary>All trials by number, those of other workers included.</summary>
    public IReadOnlyList<TrialRecord> Trials { get; }

    /// <summary>What was looked for.</summary>
    public IReadOnlyList<SweepObjective> Objectives { get; }

    /// <summary>Whether every trial that was asked for has ended; false where the time or the epochs ran out, or it was cancelled.</summary>
    public bool IsComplete { get; }

    /// <summary>The best completed trial by the first objective; null where none is complete.</summary>
    public TrialRecord? Best => Trials.Where(trial => trial.State == TrialState.Completed).MinBy(trial => ParetoOrder.Cost(trial, Objectives[0]));

    /// <summary>The completed trials to which none is better in one objective and as good in all others, the best by the first objective first.</summary>
    public IReadOnlyList<TrialRecord> ParetoFront => ParetoOrder.Front([.. Trials.Where(trial => trial.State == TrialState.Completed)], Objectives);

    /// <summary>What a trial trained with: to train it again, longer or on all data.</summary>
    public MsVitOptions OptionsOf(TrialRecord trial)
    {
        ArgumentNullException.ThrowIfNull(trial);
        return _options.With(JsonSerializer.Deserialize<Dictionary<string, string>>(trial.Parameters)!);
    }

    /// <summary>Loads the model that was kept of a trial; the caller disposes of it.</summary>
    /// <exception cref="InvalidOperationException">None was kept.</exception>
    public ITransformer LoadModel(TrialRecord trial)
    {
        ArgumentNullException.ThrowIfNull(trial);
        return trial.ModelPath is { } path ? _mlContext.Model.LoadMsVit(path, out _) : throw new InvalidOperationException(
            $"The model of trial {trial.Number} was not kept: raise KeepModels, or train it again with OptionsOf. With Folds none is kept.");
    }

    /// <summary>Deletes the models where they lie in a temporary folder.</summary>
    public void Dispose()
    {
        if (_temporary is not null && Directory.Exists(_temporary))
        {
            Directory.Delete(_temporary, recursive: true);
        }
    }
}
