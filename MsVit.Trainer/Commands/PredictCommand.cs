using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.ML;
using Microsoft.ML.Data;
using MsVit.MLNet;
using MsVit.MLNet.Events;
using MsVit.Trainer.Runs;

namespace MsVit.Trainer.Commands;

/// <summary><c>msvit predict</c>: what a model sees in files.</summary>
internal static class PredictCommand
{
    public static Command Create()
    {
        var model = new Option<string>("--model", "-m") { Description = "The saved model.", Required = true, HelpName = "file" };
        var files = new Argument<string[]>("files") { Description = "Images or recordings, or - for their names on standard input, one a line.", Arity = ArgumentArity.OneOrMore };
        var top = new Option<int>("--top") { Description = "How many of the likeliest classes to print, 1 or more.", DefaultValueFactory = _ => 1, HelpName = "K" };
        var device = DeviceOption.Create();
        var json = new Option<bool>("--json") { Description = "Print one JSON object a file, each on its line." };
        var command = new Verb("predict", "Says what a model sees in images or recordings.",
            "msvit predict --model model.zip cat.jpg dog.png --top 3", "find photos -name '*.jpg' | msvit predict --model model.zip - --json") { model, files, top, device, json };
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
            Print(loaded.Transform(Rows(mlContext, loaded, names)), names, parsed.GetValue(top), parsed.GetValue(json), parsed.InvocationConfiguration.Output);
            return ExitCode.Success;
        });
        return command;
    }

    // As the model's first step wants them: recordings by path, images as encoded bytes.
    private static IDataView Rows(MLContext mlContext, ITransformer model, string[] names)
    {
        var pipeline = MsVitPipeline.Of(model);
        var label = pipeline.Model.Labels[0];
        return pipeline.Before.OfType<EventsToFramesTransformer>().Any()
            ? mlContext.Data.LoadEventRecordings(names.Select(name => new EventRecording(name, label)))
            : mlContext.Data.LoadFromEnumerable(names.Select(name => new ImageRow { Label = label, Image = File.ReadAllBytes(name), ImagePath = name }));
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
                throw new InvalidDataException($"The model gave no result for {name} and what follows: it leaves out rows, which predict cannot tell apart.");
            }
            getter(ref score);
            var likeliest = score.DenseValues().Index().OrderByDescending(value => value.Item).Take(top).Select(value => (Class: classes[value.Index], Probability: (double)value.Item)).ToArray();
            if (json)
            {
                output.WriteLine(JsonLine.Of(new()
                {
                    ["file"] = name,
                    ["label"] = likeliest[0].Class,
                    ["probability"] = JsonLine.Number(likeliest[0].Probability),
                    ["top"] = new JsonArray([.. likeliest.Select(value => new JsonObject { ["label"] = value.Class, ["probability"] = JsonLine.Number(value.Probability) })]),
                }));
            }
            else
            {
                output.WriteLine($"{name}  {string.Join(", ", likeliest.Select(value => string.Create(CultureInfo.InvariantCulture, $"{value.Class} {value.Probability:0.000}")))}");
            }
        }
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

        /// <summary>By it a message names the file.</summary>
        public required string ImagePath { get; init; }
    }
}
