using System.CommandLine;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;
using MsVit.MLNet;
using MsVit.Samples.Display;

namespace MsVit.Samples.FineTune;

/// <summary>
/// Trains on a few images from the starting model that ships with the library, then from random weights, and says what was gained.
/// </summary>
internal static class FineTuneSample
{
    private const int DrawnTrainImages = 200, DrawnTestImages = 500, DrawnSize = 64;

    public static Command Command()
    {
        var model = new Option<string>("--model")
        {
            Description = "What to start from: a starting model, or a model file such as the cifar10.zip that the sample cifar10 saves. "
                + "By default the starting model that fits the images.",
        };
        var train = new Option<DirectoryInfo>("--train")
        {
            Description = "Images to train on, with one folder per class. By default 200 drawn shapes.",
        };
        var test = new Option<DirectoryInfo>("--test")
        {
            Description = "Images to evaluate on, in folders with the same names; needed with --train.",
        };
        var seed = new Option<int>("--seed") { Description = "The seed of the new weights and the order.", DefaultValueFactory = _ => 1 };
        var saved = new Option<FileInfo>("--save")
        {
            Description = "Where to save the new model.",
            DefaultValueFactory = _ => new("fine-tuned.zip"),
        };
        var command = new Command(
            "fine-tune", "Trains on a few images, from a starting model and from random weights, and compares the two.")
        {
            model, train, test, seed, saved,
        };
        command.Validators.Add(result =>
        {
            if ((result.GetResult(train) is null) != (result.GetResult(test) is null))
            {
                result.AddError("Give both --train and --test, or neither.");
            }
        });
        command.SetAction(parsed => Run(
            parsed.GetValue(model), parsed.GetValue(train), parsed.GetValue(test), parsed.GetValue(seed), parsed.GetValue(saved)!));
        return command;
    }

    private static int Run(string? start, DirectoryInfo? trainFolder, DirectoryInfo? testFolder, int seed, FileInfo saved)
    {
        var mlContext = new MLContext(seed);
        mlContext.Log += (_, e) =>
        {
            if (e.Message.Contains("Starting from", StringComparison.Ordinal))
            {
                Console.WriteLine(e.Message[e.Message.IndexOf("Starting from", StringComparison.Ordinal)..]);
            }
        };
        var train = trainFolder is null
            ? mlContext.Data.LoadShapeImages(DrawnTrainImages, seed: 1, DrawnSize)
            : mlContext.Data.LoadImageFolder(trainFolder.FullName);
        var test = testFolder is null
            ? mlContext.Data.LoadShapeImages(DrawnTestImages, seed: 2, DrawnSize)
            : mlContext.Data.LoadImageFolder(testFolder.FullName);
        var given = start is null ? null
            : File.Exists(start) ? mlContext.Model.LoadMsVit(start, out _)
            : MsVitStarter.Load(start);
        using var owned = given as IDisposable;

        Console.WriteLine(given is null ? "With nothing set, training starts from a model that ships with the library." : $"From {start}:");
        var epochs = 0;
        using var tuned = Fit(mlContext, train, new() { StartFrom = given }, report => epochs = report.Epochs);
        var network = tuned.FindMsVit().Network;

        Console.WriteLine();
        Console.WriteLine("The same network and as many epochs from random weights, with the rate of the default recipe in all layers:");
        var recipe = new TrainingRecipe { MaxEpoch = epochs, BatchSize = 16 };
        using var scratch = Fit(mlContext, train, new() { Network = network, Recipe = recipe, ValidationFraction = 0 }, static _ => { });

        Console.WriteLine();
        var metrics = EvaluationDisplay.Evaluate(mlContext, tuned.Transform(test));
        var without = mlContext.MulticlassClassification.Evaluate(scratch.Transform(test)).MicroAccuracy;
        mlContext.Model.Save(tuned, train.Schema, saved.FullName);
        Console.WriteLine($"Saved {saved.Name}.");
        Console.WriteLine($"from random weights {without:0.0000}: the start gained {metrics.MicroAccuracy - without:+0.0000;-0.0000}");
        Console.WriteLine($"accuracy {metrics.MicroAccuracy:0.0000} on {test.GetRowCount()} held-out images");
        return 0;
    }

    private static TransformerChain<KeyToValueMappingTransformer> Fit(
        MLContext mlContext, IDataView train, MsVitOptions options, Action<TrainingProgress> watch) =>
        TrainingDisplay.Show(report =>
        {
            options.Progress = progress =>
            {
                watch(progress);
                report(progress);
            };
            return mlContext.Transforms.Conversion.MapValueToKey("Label")
                .Append(mlContext.MulticlassClassification.Trainers.MsVit(options))
                .Append(mlContext.Transforms.Conversion.MapKeyToValue("PredictedLabel"))
                .Fit(train);
        });
}
