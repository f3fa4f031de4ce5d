using System.CommandLine;
using System.Text.Json.Nodes;
using MsVit.MLNet;
using MsVit.Trainer.Data;
using MsVit.Trainer.Ranks;
using MsVit.Trainer.Runs;
using static System.FormattableString;

namespace MsVit.Trainer.Commands;

/// <summary><c>msvit predict</c>: classifies files.</summary>
internal static class PredictCommand
{
    public static Command Create()
    {
        var reading = new ReadingOptions();
        var model = new Option<string>("--model", "-m")
        {
            Description = "The saved model, or an ONNX model from 'msvit export', which is often faster.",
            Required = true,
            HelpName = "file",
        };
        var files = new Argument<string[]>("files")
        {
            Description = "Images or recordings, folders of them, or - to read names of files from standard input, one per line.",
            Arity = ArgumentArity.OneOrMore,
        };
        var top = new Option<int>("--top")
        {
            Description = "How many of the most likely classes to print, 1 or more.",
            DefaultValueFactory = _ => 1,
            HelpName = "K",
        };
        var device = DeviceOption.Create();
        var json = new Option<bool>("--json") { Description = "Print one line of JSON per file." };
        var command = new Verb(
            "predict",
            "Classifies images or recordings with a saved model.",
            "msvit predict --model model.zip cat.jpg dog.png --top 3",
            "msvit predict --model model.zip photos",
            "find photos -name '*.jpg' | msvit predict --model model.zip - --json")
        {
            model, files, top, device, json,
        };
        reading.AddTo(command);
        var ranks = new RankOptions();
        ranks.AddTo(command);
        command.SetAction(parsed => ranks.Run(parsed, group =>
        {
            if (parsed.GetValue(top) < 1)
            {
                throw new UsageException($"--top is {parsed.GetValue(top)}; it must be 1 or more.");
            }
            var (output, error) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
            var mlContext = device.Context(parsed, group, parsed.GetValue(model));
            var loaded = reading.Apply(parsed, ModelFile.Load(mlContext, parsed.GetValue(model)!));
            using var disposable = loaded as IDisposable;
            var scorer = new FileScorer(mlContext, loaded, group);
            var inputs = new InputFiles(scorer.TakesFrames);
            if (!group.IsFirst)
            {
                scorer.ScoreForFirst();
                return ExitCode.Success;
            }
            var print = parsed.GetValue(json) ? (Action<FileScore>)PrintJson : PrintText;
            var (count, faults) = (0, 0);
            foreach (var scored in scorer.Score(inputs.Of(parsed.GetValue(files)!, Console.In)))
            {
                count++;
                if (scored.Fault is not null)
                {
                    faults++;
                    error.WriteLine($"error: {scored.File}: {scored.Fault}");
                }
                print(scored);
            }
            return Close(inputs, count, faults, error);

            void PrintText(FileScore scored)
            {
                if (scored.Probabilities is not null)
                {
                    var likely = Likely(scored, scorer.Classes, parsed.GetValue(top));
                    var printed = likely.Select(value => Invariant($"{value.Class} {value.Probability:0.000}"));
                    output.WriteLine($"{scored.File}  {string.Join(", ", printed)}");
                }
            }

            void PrintJson(FileScore scored) =>
                output.WriteLine(JsonLine.Of(Json(scored, Likely(scored, scorer.Classes, parsed.GetValue(top)))));
        }));
        return command;
    }

    private static int Close(InputFiles inputs, int count, int faults, TextWriter error)
    {
        if (inputs.PassedOver() is { } passedOver)
        {
            error.WriteLine(passedOver);
        }
        foreach (var fault in inputs.Faults)
        {
            error.WriteLine($"error: {fault}");
        }
        if (faults > 0)
        {
            error.WriteLine($"error: {faults} of {Counted.Of(count, "file")} could not be classified; each is named above.");
        }
        return faults > 0 || inputs.Faults.Count > 0 ? ExitCode.Failure : ExitCode.Success;
    }

    private static (string Class, double Probability)[] Likely(FileScore scored, IReadOnlyList<string> classes, int top) =>
    [
        .. (scored.Probabilities ?? []).Index().OrderByDescending(value => value.Item).Take(top)
            .Select(value => (classes[value.Index], (double)value.Item)),
    ];

    private static JsonObject Json(FileScore scored, (string Class, double Probability)[] likely) => scored.Fault is { } fault
        ? new() { ["file"] = scored.File, ["label"] = null, ["error"] = fault }
        : new()
        {
            ["file"] = scored.File,
            ["label"] = likely[0].Class,
            ["probability"] = JsonLine.Number(likely[0].Probability),
            ["top"] = new JsonArray([.. likely.Select(Json)]),
        };

    private static JsonObject Json((string Class, double Probability) value) =>
        new() { ["label"] = value.Class, ["probability"] = JsonLine.Number(value.Probability) };
}
