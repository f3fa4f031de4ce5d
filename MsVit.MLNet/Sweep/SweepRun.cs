using System.Text.Json.Nodes;
using Microsoft.ML;

namespace MsVit.MLNet.Sweep;

/// <summary>One worker of a sweep: runs trial after trial until none is left for any worker.</summary>
internal sealed class SweepRun(
    MLContext mlContext,
    IDataView data,
    SearchSpace space,
    SweepSettings settings,
    ITrialStore store,
    TrialFolder folder)
{
    private readonly string _worker = $"{Environment.MachineName}/{Environment.ProcessId}/{Guid.NewGuid():N}";
    private readonly TrialChooser _chooser = new(space, settings);

    /// <summary>Works until the sweep is complete, a budget is used up, or the sweep is canceled.</summary>
    /// <returns>The sweep, and whether every trial has ended.</returns>
    public (SweepRecord Sweep, bool IsComplete) Run()
    {
        folder.CheckWritable();
        var sweep = store.Open(settings.Name, space.ToJson(), SharedSettings());
        using var budget = settings.TimeBudget is { } time ? new CancellationTokenSource(time) : new();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(settings.CancellationToken, budget.Token);
        var run = new TrialRun(mlContext, data, settings, store, folder, Pruner());
        while (!stop.IsCancellationRequested)
        {
            if (store.Claim(sweep.Id, _worker, settings.Lease) is { } claim)
            {
                ReportProgress(sweep, claim.Trial, null);
                run.Run(claim, (trial, epoch) => ReportProgress(sweep, trial, epoch), stop.Token);
                folder.Clean(store, sweep.Id, settings.Objectives, settings.KeepModels);
                ReportProgress(sweep, store.Trials(sweep.Id).First(trial => trial.Number == claim.Trial.Number), null);
                continue;
            }
            var trials = store.Trials(sweep.Id);
            var next = trials.Sum(trial => trial.Curve.Count) >= settings.EpochBudget ? null : _chooser.Propose(trials);
            if (next is not null)
            {
                // If another worker added this trial first, it is already in the store.
                _ = store.TryAdd(sweep.Id, trials.Count, next, settings.Seed);
            }
            else if (trials.All(trial => trial.State is not (TrialState.Waiting or TrialState.Running)))
            {
                break;
            }
            else
            {
                // Other workers are busy. If one dies, its trial is claimed when the lease expires.
                stop.Token.WaitHandle.WaitOne(Pause);
            }
        }
        var ended = store.Trials(sweep.Id);
        return (sweep, ended.Count >= _chooser.Trials && ended.All(trial => trial.State is not (TrialState.Waiting or TrialState.Running)));
    }

    private TimeSpan Pause => settings.Lease / 4 < TimeSpan.FromSeconds(2) ? settings.Lease / 4 : TimeSpan.FromSeconds(2);

    private IPruner? Pruner() => settings.Pruner switch
    {
        PrunerKind.Median => new MedianPruner(warmupEpochs: 2, startupTrials: 4),
        PrunerKind.SuccessiveHalving => new SuccessiveHalvingPruner(firstRung: 2, reduction: 2),
        _ => null,
    };

    private void ReportProgress(SweepRecord sweep, TrialRecord trial, TrialEpoch? epoch)
    {
        if (settings.Progress is not { } progress)
        {
            return;
        }
        var trials = store.Trials(sweep.Id);
        var best = ParetoOrder.Best(trials, settings.Objectives);
        var finished = trials.Count(other => other.State is TrialState.Completed or TrialState.Pruned or TrialState.Failed);
        progress(new(trial, epoch, finished, _chooser.Trials, best));
    }

    // Trials are comparable only if they share these.
    private string SharedSettings() => new JsonObject
    {
        ["network"] = JsonNode.Parse(settings.Options.Network.ToJson()),
        ["recipe"] = JsonNode.Parse(settings.Options.Recipe.ToJson()),
        ["rows"] = data.GetRowCount(),
        [SweepAgreement.Data] = SweepData.Check(mlContext, data, settings.Options, space, settings.Reading),
        ["validationFraction"] = settings.Options.ValidationFraction,
        ["folds"] = settings.Folds,
        ["seed"] = settings.Seed,
        ["sampler"] = settings.Sampler.ToString(),
        ["pruner"] = settings.Pruner.ToString(),
        ["objectives"] = new JsonArray([.. settings.Objectives.Select(objective => (JsonNode)objective.ToString())]),
    }.ToJsonString();
}
