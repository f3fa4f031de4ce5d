using System.CommandLine;
using System.Globalization;
using Microsoft.ML;
using MsVit.MLNet.Analysis;
using MsVit.Trainer.Data;
using MsVit.Trainer.Runs;

namespace MsVit.Trainer.Commands;

/// <summary><c>msvit evaluate</c>: the accuracy of a saved model on labeled data.</summary>
internal static class EvaluateCommand
{
    private const int EnergySamples = 128;

    public static Command Create()
    {
        var data = new DataOptions();
        var model = new Option<string>("--model", "-m") { Description = "The saved model.", Required = true, HelpName = "file" };
        var samples = new Option<int>("--max-samples")
        {
            Description = "The most samples to score, drawn at random; 0 for all.",
            HelpName = "N",
        };
        var report = new Option<string?>("--report") { Description = "Write a report as an HTML file.", HelpName = "file" };
        var device = DeviceOption.Create();
        var json = new Option<bool>("--json")
        {
            Description = "Print accuracy, top5, logLoss, macroAccuracy and count as one JSON object.",
        };
        var command = new Verb(
            "evaluate",
            "Measures a saved model on labeled data.",
            "msvit evaluate --model model.zip --data shapes:500",
            "msvit evaluate --model cifar10.zip --data test_batch.bin --json")
        {
            model,
        };
        data.AddTo(command);
        command.Add(samples);
        command.Add(report);
        command.Add(device);
        command.Add(json);
        command.SetAction(parsed =>
        {
            var (output, error) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
            var mlContext = device.Context(parsed);
            var path = parsed.GetValue(report);
            if (path is not null)
            {
                ModelFile.CheckWritable(path);
            }
            var set = data.Open(parsed, mlContext, DataPart.Test).Limit(mlContext, parsed.GetValue(samples), seed: 1);
            var loaded = ModelFile.Load(mlContext, parsed.GetValue(model)!);
            using var disposable = loaded as IDisposable;
            set.CheckFits(loaded);
            error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Scoring {set.View.GetRowCount()} {set.Noun} of {set.Path}."));
            var measured = Measured.Of(mlContext, loaded, set);
            if (path is not null)
            {
                var some = mlContext.Data.TakeRandomRows(set.View, EnergySamples);
                RunReport.Write(path, loaded, set.View, new()
                {
                    Title = $"{Path.GetFileName(parsed.GetValue(model))} on {set.Name}",
                    Protocol = $"Evaluated on {set.Path}.",
                    Tables = [ReportTable.OfEnergy(mlContext.MulticlassClassification.AnalyzeMsVit(loaded, some))],
                });
                error.WriteLine($"Wrote the report {path}.");
            }
            if (parsed.GetValue(json))
            {
                output.WriteLine(JsonLine.Of(measured.ToJson()));
            }
            else
            {
                measured.Write(output);
                output.WriteLine();
                measured.WriteClasses(output);
            }
            return ExitCode.Success;
        });
        return command;
    }
}
