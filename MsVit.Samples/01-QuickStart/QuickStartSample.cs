using System.CommandLine;
using Microsoft.ML;
using MsVit.MLNet;
using MsVit.Samples.Display;

namespace MsVit.Samples.QuickStart;

/// <summary>Everything in one file: train, evaluate, save, load in another process, predict.</summary>
internal static class QuickStartSample
{
    private const int TrainImages = 8000;
    private const int TestImages = 1000;

    public static Command Command()
    {
        var image = new Option<FileInfo?>("--image") { Description = "An image to classify at the end; by default a drawn one." };
        var model = new Option<FileInfo>("--model")
        {
            Description = "Where to save the model.",
            DefaultValueFactory = _ => new("shapes.zip"),
        };
        var epochs = new Option<int>("--epochs") { Description = "Passes over the training images.", DefaultValueFactory = _ => 5 };
        var command = new Command(
            "quickstart",
            "Trains on drawn shapes, evaluates, saves, loads in another process and predicts.")
        {
            image, model, epochs,
        };
        command.SetAction(parsed => Run(parsed.GetValue(image), parsed.GetValue(model)!, parsed.GetValue(epochs)));
        return command;
    }

    private static int Run(FileInfo? image, FileInfo modelFile, int epochs)
    {
        var mlContext = new MLContext(seed: 1);

        // Ten classes of drawn shapes. The test set has another seed, so it has no training images.
        var train = mlContext.Data.LoadShapeImages(TrainImages, seed: 1);
        var test = mlContext.Data.LoadShapeImages(TestImages, seed: 2);

        Console.WriteLine($"Training on {TrainImages} drawn images of ten shapes; a tenth of them is held out to choose the best epoch.");
        using var model = TrainingDisplay.Show(report => mlContext.Transforms.Conversion.MapValueToKey("Label")
            .Append(mlContext.MulticlassClassification.Trainers.MsVit(new MsVitOptions
            {
                Network = MsVitConfig.Preset("tiny-32"),
                // The shapes already vary in position and rotation, and there are many: no augmentation, little weight decay.
                Recipe = new TrainingRecipe
                {
                    MaxEpoch = epochs,
                    LearningRate = 5e-3,
                    WarmupEpochs = 0.25,
                    WeightDecay = 0.01,
                    LabelSmoothing = 0,
                    Images = new ImageRecipe { CropPadding = 0, HorizontalFlip = false },
                    // On a slow or busy machine, fewer epochs are enough.
                    TimeBudget = TimeSpan.FromMinutes(6),
                },
                Progress = report,
            }))
            .Append(mlContext.Transforms.Conversion.MapKeyToValue("PredictedLabel"))
            .Fit(train));

        Console.WriteLine();
        Console.WriteLine($"Evaluating on {TestImages} new images:");
        var metrics = EvaluationDisplay.Evaluate(mlContext, model.Transform(test));

        mlContext.Model.Save(model, train.Schema, modelFile.FullName);
        modelFile.Refresh();
        Console.WriteLine($"Saved {modelFile.Name} ({modelFile.Length / 1024} KiB). Another process loads it and classifies an image:");
        PredictCommand.RunInAnotherProcess(modelFile, image ?? DrawnImage.Write(mlContext));

        Console.WriteLine($"accuracy {metrics.MicroAccuracy:0.0000} on {TestImages} held-out images");
        return 0;
    }
}
