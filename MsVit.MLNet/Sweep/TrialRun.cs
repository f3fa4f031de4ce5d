using System.Text.Json;
using Microsoft.ML;

namespace MsVit.MLNet.Sweep;

/// <summary>One trial, from its claim to its end.</summary>
internal sealed class TrialRun(MLContext mlContext, IDataView data, SweepSettings settings, ITrialStore store, TrialFolder folder, IPruner? pruner)
{
    /// <summary>Trains with the trial's values and tells the store.</summary>
    /// <param name="claim">The worker's hold on the trial.</param>
    /// <param name="epochEnded">Called with the trial so far and its last epoch.</param>
    /// <param name="cancellation">Gives the trial back.</param>
    public void Run(TrialClaim claim, Action<TrialRecord, TrialEpoch> epochEnded, CancellationToken cancellation)
    {
        using var life = new TrialLife(store, claim, settings.Lease, cancellation);
        var curve = claim.Trial.Curve.ToDictionary(epoch => epoch.Epoch);
        var state = TrialState.Completed;
        string? failure = null, modelPath = null;
        var objectives = new Dictionary<string, double>();
        try
        {
            var options = settings.Options.With(JsonSerializer.Deserialize<Dictionary<string, string>>(claim.Trial.Parameters)!);
            (options.Seed, options.CancellationToken, options.LogPath, options.ObserveActivity) = (claim.Trial.Seed, life.Token, null, false);
            var rows = new TrialData(mlContext, data, options);
            var accuracies = new List<double>();
            foreach (var (fold, (train, held)) in Parts(rows.Rows).Index())
            {
                options.CheckpointPath = folder.Checkpoints(claim.Trial.Number, fold);
                var best = double.NegativeInfinity;
                var past = fold * (options.Recipe.MaxEpoch + options.Recipe.CooldownEpochs);
                var before = curve.Values.Where(point => point.Epoch <= past).Select(point => point.Seconds).DefaultIfEmpty(0).Max();
                options.Progress = report =>
                {
                    if (!report.EpochEnded)
                    {
                        return;
                    }
                    var epoch = new TrialEpoch(past + report.Epoch, report.ValidationAccuracy, report.ValidationLoss, before + report.Elapsed.TotalSeconds);
                    best = Math.Max(best, epoch.Accuracy);
                    curve[epoch.Epoch] = epoch;
                    life.Tell(() => store.Report(claim, epoch));
                    TrialEpoch[] sofar = [.. curve.Values.OrderBy(point => point.Epoch)];
                    epochEnded(claim.Trial with { Curve = sofar }, epoch);
                    // The last epoch has nothing left to save.
                    if (fold == 0 && report.Epoch < report.Epochs && pruner?.Prunes(sofar, Others(claim)) == true)
                    {
                        state = TrialState.Pruned;
                        life.Stop();
                    }
                };
                using var model = mlContext.MulticlassClassification.Trainers.MsVit(options).Fit(train, held);
                if (life.Token.IsCancellationRequested)
                {
                    break;
                }
                // A run that was taken up at its last epoch reports none again.
                var accuracy = Math.Max(best, curve.Values.Where(point => point.Epoch > past).Max(point => point.Accuracy));
                accuracies.Add(!double.IsNaN(accuracy) ? accuracy : throw new InvalidOperationException(
                    $"No sample was held out to measure the accuracy on: of {train.GetRowCount()} rows ValidationFraction {options.ValidationFraction} takes none of any class. Give more rows or a larger share."));
                if (fold == 0)
                {
                    foreach (var (name, value) in TrialMeasures.Of(model, rows.Rows, options, mlContext, settings.Objectives))
                    {
                        objectives[name] = value;
                    }
                    if (settings.KeepModels > 0 && settings.Folds == 0)
                    {
                        modelPath = folder.NewModel(claim.Trial.Number, claim.Attempt);
                        rows.Save(model, options, data.Schema, modelPath);
                    }
                }
            }
            objectives[nameof(SweepObjective.Accuracy)] = accuracies.Count > 0 ? accuracies.Average() : curve.Values.Select(point => point.Accuracy).DefaultIfEmpty(0).Max();
        }
        catch (OperationCanceledException) when (life.Token.IsCancellationRequested)
        {
            // Before its first step; what the reason was is seen below.
        }
        // The worker that had the trial was only slow: it will be told, and let go of the folder.
        catch (CheckpointInUseException) when (claim.Attempt > 1)
        {
            cancellation.WaitHandle.WaitOne(settings.Lease / 4);
            life.Tell(() => store.Release(claim));
            life.ThrowIfFailed();
            return;
        }
        // Whatever a combination of values leads to is that trial's result, not the sweep's end.
        catch (Exception e) when (!life.Token.IsCancellationRequested)
        {
            (state, failure) = (TrialState.Failed, Failure(e));
            objectives.Clear();
        }
        life.ThrowIfFailed();
        if (life.IsLost || (state == TrialState.Completed && life.Token.IsCancellationRequested))
        {
            Discard(modelPath);
            life.Tell(() => store.Release(claim));
            return;
        }
        var kept = false;
        life.Tell(() => kept = store.Finish(claim, state, objectives, failure, modelPath));
        if (!kept)
        {
            Discard(modelPath);
        }
        life.ThrowIfFailed();
    }

    private IEnumerable<(IDataView Train, IDataView? Held)> Parts(IDataView rows) => settings.Folds == 0
        ? [(rows, null)]
        : mlContext.Data.CrossValidationSplit(rows, settings.Folds, seed: settings.Seed).Select(part => (part.TrainSet, (IDataView?)part.TestSet));

    private List<TrialRecord> Others(TrialClaim claim) =>
        [.. store.Trials(claim.Sweep).Where(trial => trial.Number != claim.Trial.Number && trial.State != TrialState.Failed)];

    // Torch's messages go on with the frames of its stack.
    private static string Failure(Exception e) => $"{(OutOfMemory.Is(e) ? "Memory ran out" : e.GetType().Name)}: {e.Message.Split('\n')[0].Trim()}";

    private static void Discard(string? modelPath)
    {
        if (modelPath is not null)
        {
            File.Delete(modelPath);
        }
    }
}
