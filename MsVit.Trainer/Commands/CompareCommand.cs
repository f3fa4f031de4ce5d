using System.CommandLine;
using System.Text.Json.Nodes;
using Microsoft.ML;
using MsVit.MLNet;
using MsVit.Trainer.Data;
using MsVit.Trainer.Runs;
using static System.FormattableString;

namespace MsVit.Trainer.Commands;

/// <summary><c>msvit compare</c>: accuracy, agreement, size and speed of several ONNX models of one network.</summary>
internal static class CompareCommand
{
    private const int WarmUps = 2;

    public static Command Create()
    {
        var data = new DataOptions { Tells = false };
        var files = new Argument<string[]>("onnx")
        {
            Description = "Models from 'msvit export'; the first is the baseline.",
            Arity = ArgumentArity.OneOrMore,
        };
        var model = new Option<string>("--model", "-m")
        {
            Description = "The saved model that they were exported from; it defines the preprocessing.",
            Required = true,
            HelpName = "file",
        };
        var samples = new Option<int>("--max-samples")
        {
            Description = "The most samples to score, drawn at random; 0 for all.",
            HelpName = "N",
        };
        var batch = new Option<int>("--batch") { Description = "The batch size.", DefaultValueFactory = _ => 32, HelpName = "N" };
        var threads = new Option<int>("--threads")
        {
            Description = "How many threads ONNX Runtime uses.",
            DefaultValueFactory = _ => 1,
            HelpName = "N",
        };
        var repeats = new Option<int>("--repeats")
        {
            Description = "How often each model is timed, alternating with the others.",
            DefaultValueFactory = _ => 15,
            HelpName = "N",
        };
        var json = new Option<bool>("--json") { Description = "Print one line of JSON per model." };
        var command = new Verb(
            "compare",
            "Compares ONNX models of one network: accuracy, agreement, size, and speed in ONNX Runtime.",
            "msvit compare model.onnx model.int8.onnx --model model.zip --data photos",
            "msvit compare model.onnx model.int8.onnx --model model.zip --data cifar10 --max-samples 1000 --json")
        {
            files, model,
        };
        data.AddTo(command);
        foreach (var option in new Option[] { samples, batch, threads, repeats, json })
        {
            command.Add(option);
        }
        command.SetAction(parsed =>
        {
            var (rows, rounds) = (Positive(parsed, batch), Positive(parsed, repeats));
            var mlContext = new MLContext(seed: 1);
            var set = data.Open(parsed, mlContext, DataPart.Test).Limit(mlContext, parsed.GetValue(samples), seed: 1);
            var loaded = ModelFile.Load(mlContext, parsed.GetValue(model)!);
            using var disposable = loaded as IDisposable;
            var runs = new List<OnnxRun>();
            try
            {
                foreach (var file in parsed.GetValue(files)!)
                {
                    var existing = File.Exists(file) ? file : throw new UsageException($"There is no file {file}.");
                    runs.Add(new(existing, Positive(parsed, threads)));
                }
                var batches = loaded.FindMsVit().OnnxBatches(loaded.TransformUpToMsVit(set.View), batchSize: rows);
                foreach (var line in Compare(runs, batches, rounds))
                {
                    parsed.InvocationConfiguration.Output.WriteLine(parsed.GetValue(json) ? JsonLine.Of(line) : Text(line));
                }
            }
            finally
            {
                runs.ForEach(run => run.Dispose());
            }
            return ExitCode.Success;
        });
        return command;
    }

    private static List<JsonObject> Compare(List<OnnxRun> runs, IEnumerable<MLNet.OnnxBatch> batches, int rounds)
    {
        var (right, same) = (new int[runs.Count], new int[runs.Count]);
        var count = 0;
        MLNet.OnnxBatch? timed = null;
        foreach (var batch in batches)
        {
            timed ??= batch;
            var predicted = runs.Select(run => run.Predict(batch)).ToArray();
            foreach (var (i, classes) in predicted.Index())
            {
                right[i] += classes.Zip(batch.Labels).Count(pair => pair.First == pair.Second);
                same[i] += classes.Zip(predicted[0]).Count(pair => pair.First == pair.Second);
            }
            count += batch.Labels.Count;
        }
        var times = Times(runs, timed ?? throw new InvalidDataException("There is no row with a label that the model knows."), rounds);
        return [.. runs.Select((run, i) => new JsonObject
        {
            ["file"] = run.Path,
            ["bytes"] = run.Size,
            ["accuracy"] = (double)right[i] / count,
            ["sameClass"] = (double)same[i] / count,
            ["count"] = count,
            ["batch"] = timed.Labels.Count,
            ["milliseconds"] = Spread.Of(times[i]).ToJson(),
            ["timesFaster"] = Spread.Of(times[0].Zip(times[i], (first, other) => first / other)).ToJson(),
        })];
    }

    // Round by round, so that other load on the machine affects all models alike.
    private static double[][] Times(List<OnnxRun> runs, MLNet.OnnxBatch batch, int rounds)
    {
        var times = runs.Select(_ => new double[rounds]).ToArray();
        for (var round = -WarmUps; round < rounds; round++)
        {
            foreach (var (i, run) in runs.Index())
            {
                var milliseconds = run.Time(batch);
                if (round >= 0)
                {
                    times[i][round] = milliseconds;
                }
            }
        }
        return times;
    }

    private static string Text(JsonObject line)
    {
        var (times, faster) = (line["milliseconds"]!, line["timesFaster"]!);
        return Invariant($"{line["file"]}: {(long)line["bytes"]! / 1024} KiB, ")
            + Invariant($"accuracy {(double)line["accuracy"]!:0.0000} on {line["count"]}, ")
            + Invariant($"same class {(double)line["sameClass"]!:0.0000}, {(double)times["median"]!:0.00} ms per batch of {line["batch"]} ")
            + Invariant($"({(double)times["least"]!:0.00} at best), {(double)faster["median"]!:0.00} times the speed of the first");
    }

    private static int Positive(ParseResult parsed, Option<int> option) => parsed.GetValue(option) is > 0 and var value
        ? value
        : throw new UsageException($"{option.Name} is {parsed.GetValue(option)}; it must be 1 or more.");
}
