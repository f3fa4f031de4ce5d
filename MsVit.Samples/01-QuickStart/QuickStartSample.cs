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
    private const int DefaultEpochs = 8;

    public static Command Command()
    {
        var image = new Option<FileInfo?>("--image") { Description = "An image to classify at the end; by default a drawn one." };
        var model = new Option<FileInfo>("--model")
        {
            Description = "Where to save the model.",
            DefaultValueFactory = _ => new("shapes.zip"),
        };
        var epochs = new Option<int>("--epochs")
        {
            Description = "Passes over the training images.",
            DefaultValueFactory = _ => DefaultEpochs,
        };
        var seed = new Option<int>("--seed")
        {
            Description = "Fixes initial weights, order and split.",
            DefaultValueFactory = _ => 1,
        };
        var command = new Command(
            "quickstart",
            "Trains on drawn shapes, evaluates, saves, loads in another process and predicts.")
        {
            image, model, epochs, seed,
        };
        command.SetAction(parsed => Run(parsed.GetValue(image), parsed.GetValue(model)!, parsed.GetValue(epochs), parsed.GetValue(seed)));
        return command;
    }

    /// <summary>Trains, evaluates, saves and predicts.</summary>
    /// <param name="image">The image to classify at the end; null for a drawn one.</param>
    /// <param name="modelFile">Where to save the model, once it is complete.</param>
    /// <param name="epochs">Passes over the training images.</param>
    /// <param name="seed">Fixes the initial weights, the order and the split.</param>
    /// <param name="cancellation">Ends the training; then nothing is saved.</param>
    /// <returns>The exit code, 0.</returns>
    /// <exception cref="OperationCanceledException">Canceled.</exception>
    public static int Run(
        FileInfo? image, FileInfo modelFile, int epochs = DefaultEpochs, int seed = 1, CancellationToken cancellation = default)
    {
        var mlContext = new MLContext(seed);

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
                },
                Progress = report,
                CancellationToken = cancellation,
            }))
            .Append(mlContext.Transforms.Conversion.MapKeyToValue("PredictedLabel"))
            .Fit(train));
        // A canceled Fit returns the best network so far, which is not what a later start should find.
        cancellation.ThrowIfCancellationRequested();

        Console.WriteLine();
        Console.WriteLine($"Evaluating on {TestImages} new images:");
        var metrics = EvaluationDisplay.Evaluate(mlContext, model.Transform(test));

        // Under a temporary name first: a file of the final name is always a complete model.
        var unfinished = modelFile.FullName + ".tmp";
        mlContext.Model.Save(model, train.Schema, unfinished);
        File.Move(unfinished, modelFile.FullName, overwrite: true);
        modelFile.Refresh();
        Console.WriteLine($"Saved {modelFile.Name} ({modelFile.Length / 1024} KiB). Another process loads it and classifies an image:");
        PredictCommand.RunInAnotherProcess(modelFile, image ?? DrawnImage.Write(mlContext));

        Console.WriteLine($"accuracy {metrics.MicroAccuracy:0.0000} on {TestImages} held-out images");
        return 0;
    }
}
