using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.ML;
using MsVit.MLNet;
using MsVit.MLNet.Hosting;
using SkiaSharp;

namespace MsVit.Trainer.Bench;

/// <summary>PNG files asked of a served model by many at the same time, beside a prediction engine that is asked one after the
/// other.</summary>
internal static class ServingBenchmark
{
    // Two full batches wait while one is computed.
    private const int BatchSize = 32;
    private const int Clients = 3 * BatchSize;

    public static BenchmarkRow Run(string name, string preset, BenchmarkSettings settings)
    {
        var size = BenchmarkNetwork.Config(preset, settings).Height;
        var files = DrawnImages.Encoded(Clients, size, SKEncodedImageFormat.Png);
        var context = new MLContext();
        using var engine = context.Model.CreatePredictionEngine<ImageRow, Scored>(
            new MsVitTransformer(context, BenchmarkModel.Create(preset, Precision.Float32, settings)));
        using var services = new ServiceCollection().AddMetrics().AddSingleton<ServingMetrics>().BuildServiceProvider();
        using var predictor = new MsVitPredictor(
            "benchmark", new() { MaxBatchSize = BatchSize, Deadline = TimeSpan.FromMinutes(5) },
                services.GetRequiredService<ServingMetrics>(), NullLogger<MsVitPredictor>.Instance);
        var model = BenchmarkModel.Create(preset, Precision.Float32, settings);
        predictor.Serve(new ServedModel(model, frames: null, Info(model.Network.Config), ImageDecoder.DefaultMaxPixels));

        var times = Measurement.Of(settings, Together, OneByOne);
        return new()
        {
            Name = name,
            Median = Clients / times.Seconds(0),
            Unit = "images/s",
            Figures = new Dictionary<string, double>
            {
                ["engine_images_per_second"] = Clients / times.Seconds(1),
                ["ratio_to_engine"] = times.Ratio(1, to: 0)
            },
        };

        void Together() => Task.WhenAll(files.Select(file => predictor.PredictAsync(file))).GetAwaiter().GetResult();

        void OneByOne()
        {
            foreach (var file in files)
            {
                _ = engine.Predict(new() { Image = file });
            }
        }
    }

    /// <summary>The description of a network that was not loaded from a file.</summary>
    public static ServedModelInfo Info(MsVitConfig network) => new()
    {
        Version = "",
        Path = "",
        LoadedAt = DateTimeOffset.UnixEpoch,
        Labels = [.. Enumerable.Range(0, network.Classes).Select(i => $"{i}")],
        Network = network,
        ImageFit = ImageFit.CenterCrop,
        CropShare = 1,
        ParameterCount = 0,
        TrainingSummary = "",
    };

    private sealed class ImageRow
    {
        public byte[] Image { get; set; } = [];
    }

    private sealed class Scored
    {
        public float[] Score { get; set; } = [];
    }
}
