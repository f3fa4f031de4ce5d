using System.CommandLine;
using Microsoft.ML;
using MsVit.MLNet;
using MsVit.MLNet.Analysis;
using MsVit.MLNet.Sweep;
using static System.FormattableString;

namespace MsVit.Samples.Sweep;

/// <summary>Accuracy against energy: varies time steps and depth, and prints the Pareto front.</summary>
internal static class SweepSample
{
    public static Command Command()
    {
        var store = new Option<string>("--store")
        {
            Description = "Where trials are stored; run the command again to resume after an interruption.",
            DefaultValueFactory = _ => "sweep.db",
        };
        var report = new Option<FileInfo>("--report")
        {
            Description = "Where to write the report.",
            DefaultValueFactory = _ => new("sweep.html"),
        };
        var epochs = new Option<int>("--epochs") { Description = "Epochs of each trial.", DefaultValueFactory = _ => 8 };
        var images = new Option<int>("--images") { Description = "How many drawn shapes to train on.", DefaultValueFactory = _ => 1500 };
        var command = new Command(
            "sweep",
            "Tries 1, 2 and 4 time steps with three depths on drawn shapes and prints the best tradeoffs of accuracy and energy.")
        {
            store, report, epochs, images,
        };
        command.SetAction(parsed =>
            Run(parsed.GetValue(store)!, parsed.GetValue(report)!, parsed.GetValue(epochs), parsed.GetValue(images)));
        return command;
    }

    /// <summary>Runs what the store does not hold yet.</summary>
    public static SweepResult Sweep(MLContext mlContext, string store, int epochs, int images)
    {
        var data = mlContext.Data.LoadShapeImages(images, seed: 1);
        var space = new SearchSpace()
            .Choice("TimeSteps", 1, 2, 4)
            .Choice("Depths", "1,1", "1,2", "1,3");

        return mlContext.MulticlassClassification.SweepMsVit(data, space, new SweepSettings
        {
            Sampler = SamplerKind.Grid,
            Pruner = PrunerKind.None,
            Objectives = [SweepObjective.Accuracy, SweepObjective.Energy],
            Store = store,
            Options = new MsVitOptions
            {
                Network = MsVitConfig.Preset("tiny-32") with { Depths = [1, 1] },
                Recipe = new TrainingRecipe
                {
                    MaxEpoch = epochs,
                    LearningRate = 4e-3,
                    BatchSize = 16,
                    Images = new() { CropPadding = 0, HorizontalFlip = false },
                },
            },
            Progress = Tell,
        });
    }

    private static int Run(string store, FileInfo report, int epochs, int images)
    {
        using var result = Sweep(new MLContext(seed: 1), store, epochs, images);
        Console.WriteLine();
        Console.WriteLine("Best tradeoffs of accuracy and energy (Pareto front), most accurate first:");
        foreach (var trial in result.ParetoFront)
        {
            var (accuracy, joules) = (trial.Objectives["Accuracy"], trial.Objectives["Energy"]);
            Console.WriteLine(Invariant($"  accuracy {accuracy:0.000}  {joules * 1e6,6:0.0} µJ per image  {trial.Parameters}"));
        }
        SweepReport.Write(report.FullName, result, "Time steps and depth on drawn shapes");
        Console.WriteLine($"{report.Name} has the Pareto plot and all trials. The best model is {result.Best?.ModelPath}.");
        return 0;
    }

    private static void Tell(SweepProgress report)
    {
        if (report.Epoch is null)
        {
            var trial = report.Trial;
            var accuracy = trial.Objectives.TryGetValue("Accuracy", out var value) ? Invariant($"{value:0.000}") : "";
            Console.WriteLine(
                $"trial {trial.Number} ({report.Finished}/{report.Trials} done)  {trial.State,-9} {accuracy,5}  {trial.Parameters}");
        }
    }
}
