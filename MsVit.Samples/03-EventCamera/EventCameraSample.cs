using System.CommandLine;
using Microsoft.ML;
using MsVit.MLNet;
using MsVit.MLNet.Events;
using MsVit.Samples.Display;

namespace MsVit.Samples.EventCamera;

/// <summary>Trains on recordings of an event camera, simulated by default, or real ones from folders.</summary>
internal static class EventCameraSample
{
    public static Command Command()
    {
        var train = new Option<DirectoryInfo?>("--train")
        {
            Description = "Recordings to train on, with one subfolder per class; by default simulated ones.",
        };
        var test = new Option<DirectoryInfo?>("--test") { Description = "Recordings to test on; required with --train." };
        var minutes = new Option<double>("--minutes") { Description = "Minutes to train for.", DefaultValueFactory = _ => 3 };
        var images = new Option<DirectoryInfo>("--images")
        {
            Description = "The folder for the contact sheet and the animation.",
            DefaultValueFactory = _ => new("."),
        };
        var model = new Option<FileInfo>("--model")
        {
            Description = "Where to save the model.",
            DefaultValueFactory = _ => new("events.zip"),
        };
        var command = new Command(
            "events",
            "Trains for a few minutes on recordings of an event camera and evaluates on held-out ones.")
        {
            train, test, minutes, images, model,
        };
        command.SetAction(parsed =>
        {
            var (trainFolder, testFolder) = (parsed.GetValue(train), parsed.GetValue(test));
            if ((trainFolder is null) != (testFolder is null))
            {
                throw new ArgumentException("Give both --train and --test, or neither for simulated recordings.");
            }
            var mlContext = new MLContext(seed: 1);
            var recordings = trainFolder is null || testFolder is null
                ? SimulatedRecordings.Load(mlContext)
                : RecordedFolders.Load(mlContext, trainFolder.FullName, testFolder.FullName);
            return Run(mlContext, recordings, parsed.GetValue(minutes), parsed.GetValue(images)!, parsed.GetValue(model)!);
        });
        return command;
    }

    private static int Run(MLContext mlContext, Recordings recordings, double minutes, DirectoryInfo images, FileInfo modelFile)
    {
        var network = MsVitConfig.Preset("laptop-dvs");
        var size = new SensorSize(network.Width, network.Height);
        var frames = new EventFrameOptions { TimeSteps = network.TimeSteps, Area = new() { Size = size } };
        Clip.Write(mlContext, recordings.Test, frames, images);

        Console.WriteLine($"Training {network.Name} for at most {minutes:0.#} minutes on {recordings.Train.GetRowCount()} recordings.");
        using var model = TrainingDisplay.Show(report => mlContext.Transforms.Conversion.MapValueToKey("Label")
            .Append(mlContext.Transforms.EventsToFrames(frames: frames))
            .Append(mlContext.MulticlassClassification.Trainers.MsVit(new MsVitOptions
            {
                Network = network,
                Recipe = new TrainingRecipe
                {
                    MaxEpoch = 100,
                    BatchSize = 16,
                    LearningRate = 2e-3,
                    WarmupEpochs = 2,
                    TimeBudget = TimeSpan.FromMinutes(minutes),
                    // A mirrored digit is a different digit.
                    Frames = new EventFrameRecipe { HorizontalFlip = false },
                },
                Progress = report,
            }))
            .Append(mlContext.Transforms.Conversion.MapKeyToValue("PredictedLabel"))
            .Fit(recordings.Train));

        Console.WriteLine();
        Console.WriteLine("Evaluating on the held-out recordings:");
        var metrics = EvaluationDisplay.Evaluate(mlContext, model.Transform(recordings.Test));
        mlContext.Model.Save(model, recordings.Train.Schema, modelFile.FullName);
        Console.WriteLine($"Saved {modelFile.Name}.");
        Console.WriteLine($"accuracy {metrics.MicroAccuracy:0.0000} on {recordings.Test.GetRowCount()} held-out recordings");
        return 0;
    }
}
