using System.CommandLine;
using System.Globalization;
using Microsoft.ML;
using MsVit.MLNet;
using MsVit.MLNet.Analysis;
using MsVit.MLNet.Sweep;

namespace MsVit.Samples.Sweep;

/// <summary>How much accuracy for how many joules: time steps against depth, ending with the Pareto front.</summary>
internal static class SweepSample
{
    public static Command Command()
    {
        var store = new Option<string>("--store") { Description = "Where the trials are kept; run it again to go on after a cut.", DefaultValueFactory = _ => "sweep.db" };
        var report = new Option<FileInfo>("--report") { Description = "Where to write the report.", DefaultValueFactory = _ => new("sweep.html") };
        var epochs = new Option<int>("--epochs") { Description = "Epochs of each trial.", DefaultValueFactory = _ => 8 };
        var images = new Option<int>("--images") { Description = "Drawn figures to train on.", DefaultValueFactory = _ => 1500 };
        var command = new Command("sweep", "Tries time steps 1, 2 and 4 with three depths on drawn figures and shows which are worth their energy.") { store, report, epochs, images };
        command.SetAction(parsed => Run(parsed.GetValue(store)!, parsed.GetValue(report)!, parsed.GetValue(epochs), parsed.GetValue(images)));
        return command;
    }

    private static int Run(string store, FileInfo report, int epochs, int images)
    {
        var mlContext = new MLContext(seed: 1);
        var data = mlContext.Data.LoadShapeImages(images, seed: 1);
        var space = new SearchSpace()
            .Choice("TimeSteps", 1, 2, 4)
            .Choice("Depths", "1,1", "1,2", "1,3");

        using var result = mlContext.MulticlassClassification.SweepMsVit(data, space, new SweepSettings
        {
            Sampler = SamplerKind.Grid,
            Pruner = PrunerKind.None,
            Objectives = [SweepObjective.Accuracy, SweepObjective.Energy],
            Store = store,
            Options = new MsVitOptions
            {
                Network = MsVitConfig.Preset("tiny-32") with { Depths = [1, 1] },
                Recipe = new TrainingRecipe { MaxEpoch = epochs, LearningRate = 4e-3, BatchSize = 16, Images = new() { CropPadding = 0, HorizontalFlip = false } },
            },
            Progress = Tell,
        });

        Console.WriteLine();
        Console.WriteLine("Worth their energy, the most accurate first:");
        foreach (var trial in result.ParetoFront)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"  accuracy {trial.Objectives["Accuracy"]:0.000}  {trial.Objectives["Energy"] * 1e6,6:0.0} µJ an image  {trial.Parameters}"));
        }
        SweepReport.Write(report.FullName, result, "Time steps and depth on drawn figures");
        Console.WriteLine($"The Pareto image and all trials are in {report.Name}; the model of the best is {result.Best?.ModelPath}.");
        return 0;
    }

    private static void Tell(SweepProgress report)
    {
        if (report.Epoch is null)
        {
            var accuracy = report.Trial.Objectives.TryGetValue("Accuracy", out var value) ? value.ToString("0.000", CultureInfo.InvariantCulture) : "";
            Console.WriteLine($"trial {report.Trial.Number} ({report.Finished}/{report.Trials} done)  {report.Trial.State.ToString().ToLowerInvariant(),-9} {accuracy,5}  {report.Trial.Parameters}");
        }
    }
}
