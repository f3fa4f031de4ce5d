using Microsoft.ML;
using MsVit.MLNet.Sweep;

namespace MsVit.Tests.Support;

/// <summary>A worker of a small sweep, in a process of its own.</summary>
internal static class SweepWorker
{
    public const int Trials = 6;
    public const int Epochs = 8;
    public const string Trial = "trial";
    public const string Finished = "finished";

    /// <summary>The sweep that all workers share.</summary>
    public static SweepSettings Settings(string store, string folder) => new()
    {
        Store = store,
        Folder = folder,
        Trials = Trials,
        Sampler = SamplerKind.Random,
        Pruner = PrunerKind.None,
        Lease = TimeSpan.FromSeconds(4),
        Options = DotTask.Options(options => (options.Recipe, options.CheckpointInterval) = (
            DotTask.Recipe with { MaxEpoch = Epochs }, TimeSpan.FromMilliseconds(50))),
    };

    public static SearchSpace Space { get; } = new SearchSpace().LogUniform("LearningRate", 1e-3, 1e-2);

    /// <summary>Works until the sweep is done; prints a line for each trial that it begins and each epoch.</summary>
    public static void Work(string store, string folder)
    {
        var ml = new MLContext(seed: 1);
        var settings = Settings(store, folder) with
        {
            Progress = report => Console.WriteLine(report.Epoch is { } epoch ? $"epoch {report.Trial.Number} {epoch.Epoch}"
                : report.Trial.State == TrialState.Running ? $"{Trial} {report.Trial.Number}" : $"end {report.Trial.Number}"),
        };
        using var result = ml.MulticlassClassification.SweepMsVit(DotTask.Data(ml, 120), Space, settings);
        Console.WriteLine(Finished);
    }
}
