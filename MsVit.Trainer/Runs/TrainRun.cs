using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.ML;
using MsVit.MLNet;
using MsVit.MLNet.Analysis;
using MsVit.Trainer.Data;
using MsVit.Trainer.Ranks;

namespace MsVit.Trainer.Runs;

/// <summary>Trains, saves, evaluates and reports.</summary>
internal sealed class TrainRun(MLContext mlContext, TrainSettings settings, RunFolder folder, TextWriter output, TextWriter error)
{
    private const int EnergySamples = 128;

    private readonly EpochHistory _history = EpochHistory.In(folder.Path);

    public int Run()
    {
        var options = settings.Options;
        Announce();
        CheckEnd();
        using var interrupt = new Interrupt(error, "Stopping after this step, then saving. Press Ctrl-C again to quit immediately.");
        options.CancellationToken = interrupt.Token;
        options.CheckpointPath = folder.Path;
        var before = _history.Records.Count;
        using var pipeline = new TrainPipeline(mlContext, settings, error);
        var trained = EpochDisplay.Show(error, mlContext, report => Fit(pipeline, report));
        using var disposable = trained as IDisposable;

        Save(trained);
        if (TrainMember.IsStopped(options.Group, interrupt))
        {
            var epochs = _history.Records.Count;
            error.WriteLine($"Stopped after {Counted.Of(epochs, "epoch")}, {epochs - before} of them in this session. "
                + $"{settings.Output} has the best weights so far. To resume: {settings.ResumeCommand}");
            return ExitCode.Interrupted;
        }
        error.WriteLine($"Saved {settings.Output}.");
        Finish(trained);
        return ExitCode.Success;
    }

    // What the end needs: it would be a pity to miss it after hours.
    private void CheckEnd()
    {
        var options = settings.Options;
        foreach (var place in new[] { folder.Path, Path.GetDirectoryName(Path.GetFullPath(settings.Output))! })
        {
            if (DiskSpace.Warning(options.Network, options.Recipe, place, DiskSpace.Free(place)) is { } warning)
            {
                Warn(warning);
                break;
            }
        }
        if (settings.Test is not null)
        {
            TestSetCheck.Run(settings.Test, options, Warn);
        }
    }

    private void Save(ITransformer trained)
    {
        var schema = settings.Train.View.Schema;
        try
        {
            ModelFile.Save(mlContext, trained, schema, settings.Output);
            folder.RecordSaved(settings.Output);
        }
        catch (Exception e) when (e is not FileNotReplacedException and (IOException or UnauthorizedAccessException))
        {
            throw new IOException($"{settings.Output} could not be written: {ErrorLine.Sentence(e)} {SaveElsewhere(trained, schema)}"
                + $"The checkpoints stay in {folder.Path}. To try again: {settings.ResumeCommand}", e);
        }
    }

    // The last checkpoint may be older than the model, if the disk was full before.
    private string SaveElsewhere(ITransformer trained, DataViewSchema schema)
    {
        var path = Path.Combine(Path.GetTempPath(), $"msvit-model-{Guid.NewGuid():N}.zip");
        try
        {
            ModelFile.Save(mlContext, trained, schema, path);
            return $"The model is saved as {path} instead: move it to a safe place. ";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"It could not be saved as {path} either. ";
        }
    }

    private void Finish(ITransformer trained)
    {
        try
        {
            var measured = settings.Test is null ? null : Measured.Of(mlContext, trained, settings.Test, settings.Options.Group);
            measured?.Unreadable.Write(error);
            WriteReport(trained);
            Print(measured);
        }
        catch (Exception e) when (ErrorLine.IsForTheUser(e))
        {
            throw new InvalidDataException(
                $"The model {settings.Output} is complete and saved; what failed is its evaluation or report: {ErrorLine.Sentence(e)} "
                + $"To evaluate it: msvit evaluate --model {settings.Output} --data PATH. The checkpoints stay in {folder.Path}.",
                e);
        }
        DeleteCheckpoints();
        if (!settings.Json)
        {
            error.WriteLine($"To classify files: msvit predict --model {settings.Output} FILES");
        }
    }

    // Last of all: model, measurement and report are written and printed.
    private void DeleteCheckpoints()
    {
        try
        {
            folder.Clear();
        }
        catch (Exception e) when (e is UsageException or IOException or UnauthorizedAccessException)
        {
            Warn($"The checkpoints in {folder.Path} were not deleted: {ErrorLine.Of(e)}");
        }
    }

    private void Warn(string line) => error.WriteLine($"warning: {line}");

    private void Announce()
    {
        var (options, network) = (settings.Options, settings.Options.Network);
        var (_, device) = TorchDevice.Choose(
            options.Device, mlContext.GpuDeviceId, mlContext.FallbackToCpu, options.Group.LocalRank, options.Group.LocalSize);
        if (options.Group.Size > 1)
        {
            error.WriteLine(RankLine.Of(options.Group.Hosts, options.Recipe, device));
        }
        if (settings.Chosen is { } chosen)
        {
            error.WriteLine(chosen);
        }
        error.WriteLine(
            $"Training {network.Name} ({Counted.Of(network.TimeSteps, "time step")}, depths {network.Depths}, {network.EmbedDim} channels) "
            + $"with recipe {options.Recipe.Name} on {settings.Train.View.GetRowCount()} {settings.Train.Noun} of {settings.Train.Path}.");
        settings.Train.WriteReading(error);
        error.WriteLine($"Device: {device}.");
        error.WriteLine($"Memory: {Memory()}.");
        if (options.EpochChoice == EpochChoice.TestSet)
        {
            error.WriteLine($"The test set {settings.Test!.Path} chooses the best epoch (the published protocol): "
                + "the accuracy there is higher than on new data.");
        }
    }

    private MemoryEstimate Memory()
    {
        var options = settings.Options;
        var network = options.Network;
        var sample = (long)network.Channels * network.Height * network.Width * (settings.Train.IsEvents ? network.TimeSteps : 1);
        var gpu = options.Device.StartsWith("cuda", StringComparison.Ordinal);
        var samples = Math.Min(options.MemoryBudget, sample * (settings.Train.View.GetRowCount() ?? 0));
        return MemoryEstimate.Of(network, RankShare.Recipe(options), samples, gpu);
    }

    private ITransformer Fit(TrainPipeline pipeline, Action<TrainingProgress> report)
    {
        settings.Options.Progress = progress =>
        {
            if (progress.Record is { } record)
            {
                if (_history.Add(record) is { } unsaved)
                {
                    Warn(unsaved);
                }
                if (settings.Json)
                {
                    output.WriteLine(JsonLine.Of(Epoch(record)));
                }
            }
            report(progress);
        };
        return pipeline.Fit();
    }

    private void WriteReport(ITransformer model)
    {
        if (settings.Report is not { } path)
        {
            return;
        }
        var shown = settings.Test ?? settings.Train;
        var some = mlContext.Data.TakeRandomRows(shown.View, EnergySamples);
        var energy = mlContext.MulticlassClassification.AnalyzeMsVit(
            model, some, new() { MaxTimeSteps = settings.Options.Network.TimeSteps });
        RunReport.Write(path, model, shown.View, new()
        {
            Title = $"{settings.Options.Network.Name} on {settings.Train.Name}",
            History = _history.Records,
            Tables = [.. AccountLines.Table(settings.Train), ReportTable.OfEnergy(energy)],
            Protocol = Protocol(shown.Path),
        });
        error.WriteLine($"Wrote the report {path}.");
    }

    private string Protocol(string evaluated)
    {
        if (settings.Options.EpochChoice == EpochChoice.TestSet)
        {
            return $"Evaluated on {evaluated}, which also chose the best epoch (the published protocol).";
        }
        var data = settings.Test is null
            ? $"Evaluated on the training data {evaluated}"
            : $"Evaluated on {evaluated}, which training did not see";
        return settings.Options.ValidationFraction is > 0 and var share
            ? string.Create(CultureInfo.InvariantCulture, $"{data}; a held-out share ({share:0.##}) of the training data ")
                + "chose the best epoch."
            : $"{data}; the weights are those of the last epoch.";
    }

    private void Print(Measured? measured)
    {
        if (settings.Json)
        {
            var result = new JsonObject { ["event"] = "result", ["model"] = settings.Output, ["epochs"] = _history.Records.Count };
            foreach (var (name, value) in measured?.ToJson() ?? [])
            {
                result[name] = value?.DeepClone();
            }
            output.WriteLine(JsonLine.Of(result));
        }
        else
        {
            measured?.Write(output);
        }
    }

    private static JsonObject Epoch(EpochRecord record)
    {
        var epoch = EpochOf(record);
        if (!double.IsNaN(record.TeacherLoss))
        {
            epoch["teacherLoss"] = JsonLine.Number(record.TeacherLoss);
        }
        return epoch;
    }

    private static JsonObject EpochOf(EpochRecord record) => new()
    {
        ["event"] = "epoch",
        ["epoch"] = record.Epoch,
        ["trainLoss"] = JsonLine.Number(record.TrainLoss),
        ["trainAccuracy"] = JsonLine.Number(record.TrainAccuracy),
        ["validationLoss"] = JsonLine.Number(record.ValidationLoss),
        ["validationAccuracy"] = JsonLine.Number(record.ValidationAccuracy),
        ["learningRate"] = JsonLine.Number(record.LearningRate),
        ["samplesPerSecond"] = JsonLine.Number(record.SamplesPerSecond),
        ["bestEpoch"] = record.BestEpoch,
        ["seconds"] = JsonLine.Number(record.Elapsed.TotalSeconds),
    };
}
