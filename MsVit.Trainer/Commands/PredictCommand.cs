using System.CommandLine;
using System.Text.Json.Nodes;
using Microsoft.ML;
using Microsoft.ML.Data;
using MsVit.MLNet;
using MsVit.MLNet.Events;
using MsVit.Trainer.Runs;
using static System.FormattableString;

namespace MsVit.Trainer.Commands;

/// <summary><c>msvit predict</c>: classifies files.</summary>
internal static class PredictCommand
{
    public static Command Create()
    {
        var model = new Option<string>("--model", "-m") { Description = "The saved model.", Required = true, HelpName = "file" };
        var files = new Argument<string[]>("files")
        {
            Description = "Images or recordings, or - to read their names from standard input, one per line.",
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
            "find photos -name '*.jpg' | msvit predict --model model.zip - --json")
        {
            model, files, top, device, json,
        };
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(top) < 1)
            {
                throw new UsageException($"--top is {parsed.GetValue(top)}; it must be 1 or more.");
            }
            var names = parsed.GetValue(files)!.SelectMany(name => name == "-" ? StandardInput() : [name]).ToArray();
            if (names.FirstOrDefault(name => !File.Exists(name)) is { } missing)
            {
                throw new UsageException($"There is no file {Path.GetFullPath(missing)}.");
            }
            var mlContext = device.Context(parsed);
            var loaded = ModelFile.Load(mlContext, parsed.GetValue(model)!);
            using var disposable = loaded as IDisposable;
            var scored = loaded.Transform(Rows(mlContext, loaded, names));
            Print(scored, names, parsed.GetValue(top), parsed.GetValue(json), parsed.InvocationConfiguration.Output);
            return ExitCode.Success;
        });
        return command;
    }

    // As the first step of the pipeline takes them: recordings by path, images as encoded bytes.
    private static IDataView Rows(MLContext mlContext, ITransformer model, string[] names)
    {
        var pipeline = MsVitPipeline.Of(model);
        var label = pipeline.Model.Labels[0];
        return pipeline.Before.OfType<EventsToFramesTransformer>().Any()
            ? mlContext.Data.LoadEventRecordings(names.Select(name => new EventRecording(name, label)))
            : mlContext.Data.LoadFromEnumerable(names.Select(Row));

        ImageRow Row(string name) => new() { Label = label, Image = File.ReadAllBytes(name), ImagePath = name };
    }

    private static void Print(IDataView scored, string[] names, int top, bool json, TextWriter output)
    {
        var slots = default(VBuffer<ReadOnlyMemory<char>>);
        scored.Schema["Score"].GetSlotNames(ref slots);
        string[] classes = [.. slots.DenseValues().Select(name => name.ToString())];
        using var cursor = scored.GetRowCursor([scored.Schema["Score"]]);
        var getter = cursor.GetGetter<VBuffer<float>>(scored.Schema["Score"]);
        var score = default(VBuffer<float>);
        foreach (var name in names)
        {
            if (!cursor.MoveNext())
            {
                throw new InvalidDataException($"The model gave no result for {name} and later files: it filters rows, "
                    + "so results cannot be matched to files.");
            }
            getter(ref score);
            (string Class, double Probability)[] likely = [.. score.DenseValues().Index()
                .OrderByDescending(value => value.Item).Take(top).Select(value => (classes[value.Index], (double)value.Item))];
            if (json)
            {
                output.WriteLine(JsonLine.Of(new()
                {
                    ["file"] = name,
                    ["label"] = likely[0].Class,
                    ["probability"] = JsonLine.Number(likely[0].Probability),
                    ["top"] = new JsonArray([.. likely.Select(Json)]),
                }));
            }
            else
            {
                var printed = likely.Select(value => Invariant($"{value.Class} {value.Probability:0.000}"));
                output.WriteLine($"{name}  {string.Join(", ", printed)}");
            }
        }

        static JsonObject Json((string Class, double Probability) value) =>
            new() { ["label"] = value.Class, ["probability"] = JsonLine.Number(value.Probability) };
    }

    private static IEnumerable<string> StandardInput()
    {
        while (Console.In.ReadLine() is { } line)
        {
            if (line.Length > 0)
            {
                yield return line;
            }
        }
    }

    private sealed class ImageRow
    {
        public required string Label { get; init; }

        public required byte[] Image { get; init; }

        /// <summary>Error messages name the file by this.</summary>
        public required string ImagePath { get; init; }
    }
}
