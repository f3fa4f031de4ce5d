using System.Text.Json;
using Microsoft.ML;
using MsVit.MLNet;
using MsVit.MLNet.Sweep;

namespace MsVit.Trainer.Bench;

/// <summary>Small networks trained on drawn figures at every place of a grid, to the end: what a sweep over it would have seen.</summary>
internal sealed class TrainedGrid
{
    private const int Size = 16;

    private TrainedGrid(IReadOnlyList<TrialRecord> trials) => Trials = trials;

    /// <summary>What varies.</summary>
    public static SearchSpace Space { get; } = new SearchSpace().LogUniform("LearningRate", 3e-4, 3e-2)
        .UniformInt("BatchSize", 8, 32, step: 8).Choice("TimeSteps", 1, 2);

    /// <summary>A trial for each place, in the order of the grid.</summary>
    public IReadOnlyList<TrialRecord> Trials { get; }

    /// <summary>Trains them, once for all rows of a run.</summary>
    public static TrainedGrid Of(BenchmarkSettings settings) => (settings.Quick ? Small : Full).Value;

    private static readonly Lazy<TrainedGrid> Small = new(() => Train(new() { Quick = true }));

    private static readonly Lazy<TrainedGrid> Full = new(() => Train(new()));

    private static TrainedGrid Train(BenchmarkSettings settings)
    {
        var ml = new MLContext(seed: 1);
        using var result = ml.MulticlassClassification.SweepMsVit(
            ml.Data.LoadShapeImages(settings.Quick ? 40 : 1000, seed: 1, imageSize: Size), Space, new()
            {
                Sampler = SamplerKind.Grid,
                GridPoints = settings.Quick ? 2 : 6,
                Pruner = PrunerKind.None,
                KeepModels = 0,
                Options = new()
                {
                    Network = MsVitConfig.Preset("tiny-32") with
                    {
                        Height = Size,
                        Width = Size,
                        EmbedDim = 32,
                        StemStride = 2,
                        Depths = [1, 1]
                    },
                    Recipe = new TrainingRecipe
                    {
                        MaxEpoch = settings.Quick ? 2
                    : 9,
                        Images = new() { CropPadding = 0, HorizontalFlip = false }
                    },
                    ValidationFraction = 0.25,
                },
            });
        return new([.. result.Trials.Where(trial => trial.State == TrialState.Completed)]);
    }

    /// <summary>The trial whose places are nearest.</summary>
    public TrialRecord Nearest(IReadOnlyDictionary<string, string> values) => Trials.MinBy(trial =>
    {
        var own = JsonSerializer.Deserialize<Dictionary<string, string>>(trial.Parameters)!;
        return Space.Parameters.Sum(parameter => Math.Abs(parameter.PositionOf(own[parameter.Name])!.Value - parameter.PositionOf(
            values[parameter.Name])!.Value));
    })!;
}
