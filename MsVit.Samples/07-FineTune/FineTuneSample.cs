using System.CommandLine;
using Microsoft.ML;
using MsVit.MLNet;
using MsVit.Samples.Display;

namespace MsVit.Samples.FineTune;

/// <summary>Fine-tunes a trained model on a few images of your own: a new head, and lower learning rates toward the input.</summary>
internal static class FineTuneSample
{
    public static Command Command()
    {
        var model = new Option<FileInfo>("--model")
        {
            Description = "The model to start from, such as the cifar10.zip that the sample cifar10 saves.",
        };
        var train = new Option<DirectoryInfo>("--train")
        {
            Description = "Images to train on, with one folder per class.",
            Required = true,
        };
        var test = new Option<DirectoryInfo>("--test")
        {
            Description = "Images to evaluate on, in folders with the same names.",
            Required = true,
        };
        var epochs = new Option<int>("--epochs") { Description = "Passes over the images.", DefaultValueFactory = _ => 40 };
        var seed = new Option<int>("--seed") { Description = "The seed of the new weights and the order.", DefaultValueFactory = _ => 1 };
        var saved = new Option<FileInfo>("--save")
        {
            Description = "Where to save the new model.",
            DefaultValueFactory = _ => new("fine-tuned.zip"),
        };
        var command = new Command(
            "fine-tune",
            "Fine-tunes a saved model on a few images of your own; without --model, trains from random weights for comparison.")
        {
            model, train, test, epochs, seed, saved,
        };
        command.SetAction(parsed => Run(
            parsed.GetValue(model), parsed.GetValue(train)!, parsed.GetValue(test)!,
            parsed.GetValue(epochs), parsed.GetValue(seed), parsed.GetValue(saved)!));
        return command;
    }

    private static int Run(FileInfo? modelFile, DirectoryInfo trainFolder, DirectoryInfo testFolder, int epochs, int seed, FileInfo saved)
    {
        var mlContext = new MLContext(seed);
        var train = mlContext.Data.LoadImageFolder(trainFolder.FullName);
        var test = mlContext.Data.LoadImageFolder(testFolder.FullName);
        var start = modelFile is null ? null : mlContext.Model.LoadMsVit(modelFile.FullName, out _);
        using var owned = start as IDisposable;
        var recipe = TrainingRecipes.Named("fine-tune") with { MaxEpoch = epochs };
        if (start is null)
        {
            // Random weights need the same learning rate in all layers, that of the default recipe.
            recipe = recipe with { LayerDecay = 1, LearningRate = new TrainingRecipe().LearningRate };
        }

        Console.WriteLine($"Training on {train.GetRowCount()} images, starting from {modelFile?.Name ?? "random weights"}.");
        using var model = TrainingDisplay.Show(report => mlContext.Transforms.Conversion.MapValueToKey("Label")
            .Append(mlContext.MulticlassClassification.Trainers.MsVit(new MsVitOptions
            {
                StartFrom = start,
                Recipe = recipe,
                // Every image is needed for training, so the last epoch is kept.
                ValidationFraction = 0,
                Progress = report,
            }))
            .Append(mlContext.Transforms.Conversion.MapKeyToValue("PredictedLabel"))
            .Fit(train));

        Console.WriteLine();
        var metrics = EvaluationDisplay.Evaluate(mlContext, model.Transform(test));
        mlContext.Model.Save(model, train.Schema, saved.FullName);
        Console.WriteLine($"Saved {saved.Name}.");
        Console.WriteLine($"accuracy {metrics.MicroAccuracy:0.0000} on {test.GetRowCount()} held-out images");
        return 0;
    }
}
