using System.Text.Json;
using Microsoft.ML;

namespace MsVit.MLNet.Sweep;

/// <summary>Runs one trial from its claim to its end.</summary>
internal sealed class TrialRun(
    MLContext mlContext,
    IDataView data,
    SweepSettings settings,
    ITrialStore store,
    TrialFolder folder,
    IPruner? pruner)
{
    /// <summary>Trains with the trial's parameters and updates the store.</summary>
    /// <param name="claim">The worker's claim on the trial.</param>
    /// <param name="epochEnded">Called with the trial so far and its last epoch.</param>
    /// <param name="cancellation">Releases the trial.</param>
    public void Run(TrialClaim claim, Action<TrialRecord, TrialEpoch> epochEnded, CancellationToken cancellation)
    {
        using var heartbeat = new TrialHeartbeat(store, claim, settings.Lease, cancellation);
        var curve = claim.Trial.Curve.ToDictionary(epoch => epoch.Epoch);
        var state = TrialState.Completed;
        string? failure = null, modelPath = null;
        var objectives = new Dictionary<string, double>();
        try
        {
            var options = settings.Options.With(JsonSerializer.Deserialize<Dictionary<string, string>>(claim.Trial.Parameters)!);
            (options.Seed, options.CancellationToken) = (claim.Trial.Seed, heartbeat.Token);
            (options.LogPath, options.ObserveActivity) = (null, false);
            var rows = new TrialData(mlContext, data, options, settings.Reading);
            var accuracies = new List<double>();
            foreach (var (fold, (train, validation)) in Parts(rows.Rows).Index())
            {
                options.CheckpointPath = folder.CheckpointPath(claim.Trial.Number, fold);
                var best = double.NegativeInfinity;
                var past = fold * (options.Recipe.MaxEpoch + options.Recipe.CooldownEpochs);
                var before = curve.Values.Where(point => point.Epoch <= past).Select(point => point.Seconds).DefaultIfEmpty(0).Max();
                options.Progress = report =>
                {
                    if (!report.EpochEnded)
                    {
                        return;
                    }
                    var seconds = before + report.Elapsed.TotalSeconds;
                    var epoch = new TrialEpoch(past + report.Epoch, report.ValidationAccuracy, report.ValidationLoss, seconds);
                    best = Math.Max(best, epoch.Accuracy);
                    curve[epoch.Epoch] = epoch;
                    heartbeat.Update(() => store.Report(claim, epoch));
                    TrialEpoch[] reached = [.. curve.Values.OrderBy(point => point.Epoch)];
                    epochEnded(claim.Trial with { Curve = reached }, epoch);
                    // Pruning after the last epoch would save nothing.
                    if (fold == 0 && report.Epoch < report.Epochs && pruner?.Prunes(reached, Others(claim)) == true)
                    {
                        state = TrialState.Pruned;
                        heartbeat.Stop();
                    }
                };
                using var model = mlContext.MulticlassClassification.Trainers.MsVit(options).Fit(train, validation);
                if (heartbeat.Token.IsCancellationRequested)
                {
                    break;
                }
                // A run that resumes after its last epoch reports no epoch.
                var accuracy = Math.Max(best, curve.Values.Where(point => point.Epoch > past).Max(point => point.Accuracy));
                accuracies.Add(!double.IsNaN(accuracy) ? accuracy : throw new InvalidOperationException(
                    $"No samples were held out to measure accuracy: with {train.GetRowCount()} rows, ValidationFraction "
                    + $"{options.ValidationFraction} holds out none of any class. Use more rows or a larger fraction."));
                if (fold == 0)
                {
                    foreach (var (name, value) in TrialMeasures.Of(model, rows.Rows, options, mlContext, settings.Objectives))
                    {
                        objectives[name] = value;
                    }
                    if (settings.KeepModels > 0 && settings.Folds == 0)
                    {
                        modelPath = Save(rows, model, options, claim);
                    }
                }
            }
            objectives[nameof(SweepObjective.Accuracy)] = accuracies.Count > 0
                ? accuracies.Average()
                : curve.Values.Select(point => point.Accuracy).DefaultIfEmpty(0).Max();
        }
        catch (OperationCanceledException) when (heartbeat.Token.IsCancellationRequested)
        {
            // Canceled before the first step. The code below distinguishes the reasons.
        }
        // The worker that held the trial was only slow. It will notice that it lost the claim and release the folder.
        catch (FolderInUseException) when (claim.Attempt > 1)
        {
            cancellation.WaitHandle.WaitOne(settings.Lease / 4);
            heartbeat.Update(() => store.Release(claim));
            heartbeat.ThrowIfFailed();
            return;
        }
        // The next worker resumes the trial from its checkpoints, which are not deleted.
        catch (ModelNotSavedException)
        {
            heartbeat.Update(() => store.Release(claim));
            throw;
        }
        // An error caused by the parameters fails the trial, not the sweep.
        catch (Exception e) when (!heartbeat.Token.IsCancellationRequested)
        {
            (state, failure) = (TrialState.Failed, Failure(e));
            objectives.Clear();
        }
        heartbeat.ThrowIfFailed();
        if (heartbeat.IsLost || (state == TrialState.Completed && heartbeat.Token.IsCancellationRequested))
        {
            Discard(modelPath);
            heartbeat.Update(() => store.Release(claim));
            return;
        }
        var kept = false;
        heartbeat.Update(() => kept = store.Finish(claim, state, objectives, failure, modelPath));
        if (!kept)
        {
            Discard(modelPath);
        }
        heartbeat.ThrowIfFailed();
    }

    private string Save(TrialData rows, MsVitTransformer model, MsVitOptions options, TrialClaim claim)
    {
        try
        {
            var path = folder.ModelPath(claim.Trial.Number, claim.Attempt);
            rows.Save(model, options, data.Schema, path);
            return path;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ModelNotSavedException(
                $"The model of trial {claim.Trial.Number} could not be saved: {e.Message.TrimEnd('.')}. The trial keeps its checkpoints. "
                + "Run the sweep again to resume it.", e);
        }
    }

    private IEnumerable<(IDataView Train, IDataView? Validation)> Parts(IDataView rows) => settings.Folds == 0
        ? [(rows, null)]
        : mlContext.Data.CrossValidationSplit(rows, settings.Folds, seed: settings.Seed)
            .Select(part => (part.TrainSet, (IDataView?)part.TestSet));

    private List<TrialRecord> Others(TrialClaim claim) =>
        [.. store.Trials(claim.Sweep).Where(trial => trial.Number != claim.Trial.Number && trial.State != TrialState.Failed)];

    // Torch appends stack frames to its messages.
    private static string Failure(Exception e) =>
        $"{(OutOfMemory.Is(e) ? "Out of memory" : e.GetType().Name)}: {TorchError.Text(e).Split('\n')[0].Trim()}";

    private void Discard(string? modelPath)
    {
        if (modelPath is not null)
        {
            folder.Discard(modelPath);
        }
    }
}

/// <summary>A trial's model could not be written, which is no fault of its parameters.</summary>
internal sealed class ModelNotSavedException(string message, Exception inner) : IOException(message, inner);
