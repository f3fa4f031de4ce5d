using System.CommandLine;
using System.Globalization;
using Microsoft.ML;
using MsVit.MLNet;
using MsVit.MLNet.Analysis;
using MsVit.Trainer.Data;
using MsVit.Trainer.Ranks;
using MsVit.Trainer.Runs;

namespace MsVit.Trainer.Commands;

/// <summary><c>msvit evaluate</c>: the accuracy of a saved model on labeled data.</summary>
internal static class EvaluateCommand
{
    private const int EnergySamples = 128;

    public static Command Create()
    {
        var data = new DataOptions();
        var model = new Option<string>("--model", "-m")
        {
            Description = "The saved model, or an ONNX model from 'msvit export', which is often faster.",
            Required = true,
            HelpName = "file",
        };
        var samples = new Option<int>("--max-samples")
        {
            Description = "The most samples to score, drawn at random; 0 for all.",
            HelpName = "N",
        };
        var mistakes = new Option<int>("--mistakes")
        {
            Description = "How many of the worst mistakes to name: the wrong predictions with the highest probability.",
            DefaultValueFactory = _ => 5,
            HelpName = "N",
        };
        var report = new Option<string?>("--report") { Description = "Write a report as an HTML file.", HelpName = "file" };
        var device = DeviceOption.Create();
        var json = new Option<bool>("--json")
        {
            Description = "Print accuracy, top5, logLoss, macroAccuracy, counts and the worst mistakes as one JSON object.",
        };
        var command = new Verb(
            "evaluate",
            "Measures a saved model on labeled data.",
            "msvit evaluate --model model.zip --data shapes:500",
            "msvit evaluate --model cifar10.zip --data test_batch.bin --json",
            "msvit evaluate --model imagenet.zip --data imagenet --devices all")
        {
            model,
        };
        data.AddTo(command);
        command.Add(samples);
        command.Add(mistakes);
        command.Add(report);
        command.Add(device);
        command.Add(json);
        var ranks = new RankOptions();
        ranks.AddTo(command);
        command.SetAction(parsed => ranks.Run(parsed, group =>
        {
            var (output, error) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
            var mlContext = device.Context(parsed, group, parsed.GetValue(model));
            var path = group.IsFirst ? parsed.GetValue(report) : null;
            if (path is not null)
            {
                ModelFile.CheckWritable(path);
            }
            if (parsed.GetValue(mistakes) < 0)
            {
                throw new UsageException($"--mistakes is {parsed.GetValue(mistakes)}; it must be 0 or more.");
            }
            var loaded = data.Reading.Apply(parsed, ModelFile.Load(mlContext, parsed.GetValue(model)!));
            using var disposable = loaded as IDisposable;
            if (path is not null)
            {
                ModelFile.CheckNetwork(loaded);
            }
            var set = data.Open(parsed, mlContext, DataPart.Test, loaded).Limit(mlContext, parsed.GetValue(samples), seed: 1);
            set.CheckFits(loaded);
            set.WriteReading(error);
            error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Scoring {set.View.GetRowCount()} {set.Noun} of {set.Path}."));
            var measured = Measured.Of(mlContext, loaded, set, group, parsed.GetValue(mistakes));
            measured.Unreadable.Write(error);
            if (path is not null)
            {
                set = measured.Unreadable.Rest();
                var some = mlContext.Data.TakeRandomRows(set.View, EnergySamples);
                RunReport.Write(path, loaded, set.View, new()
                {
                    Title = $"{Path.GetFileName(parsed.GetValue(model))} on {set.Name}",
                    Protocol = $"Evaluated on {set.Path}."
                        + (measured.Unreadable.Count == 0 ? "" : " " + Counted.Of(
                            measured.Unreadable.Count, "unreadable file is left out.", "unreadable files are left out.")),
                    Tables = [ReportTable.OfEnergy(mlContext.MulticlassClassification.AnalyzeMsVit(loaded, some))],
                });
                error.WriteLine($"Wrote the report {path}.");
            }
            if (parsed.GetValue(json))
            {
                var result = measured.ToJson();
                result["mistakes"] = measured.MistakesToJson();
                output.WriteLine(JsonLine.Of(result));
            }
            else
            {
                measured.Write(output);
                output.WriteLine();
                measured.WriteClasses(output);
                measured.WriteMistakes(output);
            }
            return measured.Unreadable.Count > 0 ? ExitCode.Failure : ExitCode.Success;
        }));
        return command;
    }
}
