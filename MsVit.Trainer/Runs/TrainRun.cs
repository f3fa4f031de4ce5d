using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;
using MsVit.MLNet;
using MsVit.MLNet.Analysis;

namespace MsVit.Trainer.Runs;

/// <summary>Trains, saves, evaluates and reports.</summary>
internal sealed class TrainRun(MLContext mlContext, TrainSettings settings, TextWriter output, TextWriter error)
{
    private const int EnergySamples = 128;

    private readonly EpochHistory _history = EpochHistory.In(settings.Checkpoint);

    public int Run()
    {
        var options = settings.Options;
        Announce();
        using var interrupt = new Interrupt(error, "Stopping after this step, then saving. Press Ctrl-C again to quit immediately.");
        options.CancellationToken = interrupt.Token;
        options.CheckpointPath = settings.Checkpoint;
        var before = _history.Records.Count;
        using var trained = EpochDisplay.Show(error, mlContext, report => Fit(options, report));

        ModelFile.Save(mlContext, trained, settings.Train.View.Schema, settings.Output);
        if (interrupt.Token.IsCancellationRequested)
        {
            var epochs = _history.Records.Count;
            error.WriteLine($"Stopped after {epochs} epochs, {epochs - before} of them in this session. "
                + $"{settings.Output} has the best weights so far. To resume: {settings.ResumeCommand}");
            return ExitCode.Interrupted;
        }
        error.WriteLine($"Saved {settings.Output}.");
        var measured = settings.Test is null ? null : Measured.Of(mlContext, trained, settings.Test);
        WriteReport(trained);
        // The model is saved, so the checkpoints are no longer needed.
        RunFolder.Delete(settings.Checkpoint);
        Print(measured);
        if (!settings.Json)
        {
            error.WriteLine($"To classify files: msvit predict --model {settings.Output} FILES");
        }
        return ExitCode.Success;
    }

    private void Announce()
    {
        var (options, network) = (settings.Options, settings.Options.Network);
        var (_, device) = TorchDevice.Choose(options.Device, mlContext.GpuDeviceId, mlContext.FallbackToCpu);
        error.WriteLine(
            $"Training {network.Name} ({network.TimeSteps} time steps, depths {network.Depths}, {network.EmbedDim} channels) "
            + $"with recipe {options.Recipe.Name} on {settings.Train.View.GetRowCount()} {settings.Train.Noun} of {settings.Train.Path}.");
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
        var network = options.StartFrom is { } start ? start.FindMsVit().Network : options.Network;
        var sample = (long)network.Channels * network.Height * network.Width * (settings.Train.IsEvents ? network.TimeSteps : 1);
        var gpu = options.Device.StartsWith("cuda", StringComparison.Ordinal);
        var samples = Math.Min(options.MemoryBudget, sample * (settings.Train.View.GetRowCount() ?? 0));
        return MemoryEstimate.Of(network, options.Recipe, samples, gpu);
    }

    private TransformerChain<KeyToValueMappingTransformer> Fit(MsVitOptions options, Action<TrainingProgress> report)
    {
        options.Progress = progress =>
        {
            if (progress.Record is { } record)
            {
                _history.Add(record);
                if (settings.Json)
                {
                    output.WriteLine(JsonLine.Of(Epoch(record)));
                }
            }
            report(progress);
        };
        var label = mlContext.Transforms.Conversion.MapValueToKey("Label");
        var trainer = mlContext.MulticlassClassification.Trainers.MsVit(options);
        var name = mlContext.Transforms.Conversion.MapKeyToValue("PredictedLabel");
        IEstimator<ITransformer> before = settings.Train.IsEvents
            ? label.Append(mlContext.Transforms.EventsToFrames(FrameOptions.Of(options.Network, settings.Train.Sensor, settings.Cache)))
            : label;
        var prepare = before.Fit(settings.Train.View);
        var train = prepare.Transform(settings.Train.View);
        var model = trainer.Fit(train, options.EpochChoice == EpochChoice.TestSet ? prepare.Transform(settings.Test!.View) : null);
        return new(prepare, model, name.Fit(model.Transform(train)));
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
            Tables = [ReportTable.OfEnergy(energy)],
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

    private static JsonObject Epoch(EpochRecord record) => new()
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
