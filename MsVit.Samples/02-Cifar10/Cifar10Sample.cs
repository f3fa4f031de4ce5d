using System.CommandLine;
using Microsoft.ML;
using MsVit.MLNet;
using MsVit.Samples.Display;

namespace MsVit.Samples.Cifar10;

/// <summary>The same pipeline on CIFAR-10: binary files, a laptop network and a time budget.</summary>
internal static class Cifar10Sample
{
    public static Command Command()
    {
        var train = new Option<FileInfo[]>("--train")
        {
            Description = "Training files, such as data_batch_1.bin.",
            Required = true,
            AllowMultipleArgumentsPerToken = true,
        };
        var test = new Option<FileInfo[]>("--test")
        {
            Description = "Test files, such as test_batch.bin.",
            Required = true,
            AllowMultipleArgumentsPerToken = true,
        };
        var minutes = new Option<double>("--minutes") { Description = "Minutes to train for.", DefaultValueFactory = _ => 15 };
        var preset = new Option<string>("--preset") { Description = "The network.", DefaultValueFactory = _ => "laptop-32" };
        var model = new Option<FileInfo>("--model")
        {
            Description = "Where to save the model.",
            DefaultValueFactory = _ => new("cifar10.zip"),
        };
        var command = new Command(
            "cifar10",
            "Trains for a few minutes on CIFAR-10's binary files and evaluates on its test images.")
        {
            train, test, minutes, preset, model,
        };
        command.SetAction(parsed => Run(
            parsed.GetValue(train)!, parsed.GetValue(test)!, parsed.GetValue(minutes), parsed.GetValue(preset)!, parsed.GetValue(model)!));
        return command;
    }

    private static int Run(FileInfo[] trainFiles, FileInfo[] testFiles, double minutes, string preset, FileInfo modelFile)
    {
        var mlContext = new MLContext(seed: 1);
        var train = mlContext.Data.LoadCifar10([.. trainFiles.Select(file => file.FullName)]);
        var test = mlContext.Data.LoadCifar10([.. testFiles.Select(file => file.FullName)]);
        var network = MsVitConfig.Preset(preset);

        Console.WriteLine($"Training {network.Name} for {minutes:0.#} minutes on {train.GetRowCount()} images; "
            + "a tenth of them is held out to choose the best epoch.");
        using var model = TrainingDisplay.Show(report => mlContext.Transforms.Conversion.MapValueToKey("Label")
            .Append(mlContext.MulticlassClassification.Trainers.MsVit(new MsVitOptions
            {
                Network = network,
                Recipe = new TrainingRecipe
                {
                    MaxEpoch = 200,
                    BatchSize = 64,
                    LearningRate = 4e-3,
                    WarmupEpochs = 0.3,
                    TimeBudget = TimeSpan.FromMinutes(minutes),
                },
                Progress = report,
            }))
            .Append(mlContext.Transforms.Conversion.MapKeyToValue("PredictedLabel"))
            .Fit(train));

        Console.WriteLine();
        Console.WriteLine("Evaluating on the test images:");
        var scored = model.Transform(test);
        var metrics = EvaluationDisplay.Evaluate(mlContext, scored);
        mlContext.Model.Save(model, train.Schema, modelFile.FullName);
        Console.WriteLine($"Saved {modelFile.Name}.");
        Console.WriteLine($"accuracy {metrics.MicroAccuracy:0.0000} on {test.GetRowCount()} held-out images");
        return 0;
    }
}
