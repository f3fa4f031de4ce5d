using MsVit.MLNet;
using static TorchSharp.torch;

namespace MsVit.Trainer.Bench;

/// <summary>A model as training would leave it, untrained.</summary>
internal static class BenchmarkModel
{
    public static MsVitModel Create(string preset, Precision precision, BenchmarkSettings settings) =>
        Create(BenchmarkNetwork.Config(preset, settings), precision);

    public static MsVitModel Create(MsVitConfig config, Precision precision)
    {
        var network = BenchmarkNetwork.Warm(config);
        return new(network, new ModelCard
        {
            Network = network.Config,
            Input = Input(network.Config.Height),
            Labels = new(network.Config.Classes, "", []),
            InputColumnName = ImageColumns.Image,
            Columns = new("PredictedLabel", "Score"),
            Undecodable = UndecodableImagePolicy.Throw,
            Precision = precision,
            Training = new()
            {
                Recipe = new TrainingRecipe(),
                Seed = 0,
                TrainSamples = 0,
                ValidationSamples = 0,
                EpochsDone = 0,
                BestEpoch = 0,
                ValidationAccuracy = null,
                LibraryVersion = "",
            },
        }, CPU);
    }

    /// <summary>Square color images, of which the middle is taken.</summary>
    public static InputConfig Input(int size) => new()
    {
        Height = size,
        Width = size,
        Channels = DrawnImages.Shape(size).Channels,
        Fit = ImageFit.CenterCrop,
        Mean = DrawnImages.Normalization.Mean,
        Deviation = DrawnImages.Normalization.Deviation,
        PixelRange = DrawnImages.Normalization.Range,
        MaxPixels = ImageDecoder.DefaultMaxPixels,
    };
}
