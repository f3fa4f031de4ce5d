using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.ML;
using Microsoft.ML.Data;
using MsVit.MLNet;
using MsVit.MLNet.Hosting;
using SkiaSharp;

namespace MsVit.Trainer.Bench;

/// <summary>
/// PNG files through one network in torch and in ONNX Runtime, in the ways in which applications ask: one by one from a prediction engine,
/// in batches through a transformer, and together from a served model.
/// </summary>
internal static class OnnxBenchmark
{
    private const int BatchSize = 32;
    private const int Singles = 16;
    private const string EightBits = "onnx_eight_bits";

    private static readonly string[] Engines = ["torch_float32", "torch_bfloat16", "onnx_float32", EightBits];

    /// <summary>One image after the other.</summary>
    public static BenchmarkRow Engine(string name, string preset, BenchmarkSettings settings) =>
        Run(name, preset, settings.Batch(BatchSize), settings, (context, model, files) =>
        {
            var engine = context.Model.CreatePredictionEngine<Photo, Scored>(model);
            return (() => files.ForEach(file => _ = engine.Predict(new() { Image = file })), engine);
        });

    /// <summary>Two batches of a transformer, so that decoding and computing overlap.</summary>
    public static BenchmarkRow Transform(string name, string preset, BenchmarkSettings settings) =>
        Run(name, preset, 2 * settings.Batch(BatchSize), settings, (context, model, files) =>
        {
            var data = context.Data.LoadFromEnumerable(files.Select(file => new Photo { Image = file }));
            return (() => _ = model.Transform(data).GetColumn<float[]>("Score").Count(), model);
        });

    /// <summary>One image after the other, each through a call of Transform.</summary>
    public static BenchmarkRow TransformSingles(string name, string preset, BenchmarkSettings settings) =>
        Run(name, preset, settings.Batch(Singles), settings, (context, model, files) =>
        {
            var rows = files.ConvertAll(file => context.Data.LoadFromEnumerable([new Photo { Image = file }]));
            return (() => rows.ForEach(row => _ = model.Transform(row).GetColumn<float[]>("Score").Single()), model);
        });

    /// <summary>So many at once that full batches wait while one is computed.</summary>
    public static BenchmarkRow Serve(string name, string preset, BenchmarkSettings settings) =>
        Serve(name, preset, 3 * settings.Batch(BatchSize), BatchSize, settings);

    /// <summary>Many at once, each computed alone.</summary>
    public static BenchmarkRow ServeSingles(string name, string preset, BenchmarkSettings settings) =>
        Serve(name, preset, settings.Batch(Singles), maxBatch: 1, settings);

    private static BenchmarkRow Serve(string name, string preset, int requests, int maxBatch, BenchmarkSettings settings) =>
        Run(name, preset, requests, settings, (_, model, files) =>
        {
            var services = new ServiceCollection().AddMetrics().AddSingleton<ServingMetrics>().BuildServiceProvider();
            var predictor = new MsVitPredictor(
                "benchmark", new() { MaxBatchSize = maxBatch, Deadline = TimeSpan.FromMinutes(5) },
                services.GetRequiredService<ServingMetrics>(), NullLogger<MsVitPredictor>.Instance);
            predictor.Serve(new ServedModel(
                model.Scorer, frames: null, ServingBenchmark.Info(model.Network), ImageDecoder.DefaultMaxPixels));
            return (() => Task.WhenAll(files.Select(file => predictor.PredictAsync(file))).GetAwaiter().GetResult(), predictor);
        });

    private static BenchmarkRow Run(
        string name, string preset, int images, BenchmarkSettings settings,
        Func<MLContext, MsVitTransformer, List<byte[]>, (Action Ask, IDisposable Owner)> start)
    {
        var context = new MLContext();
        var files = DrawnImages.Encoded(images, BenchmarkNetwork.Config(preset, settings).Height, SKEncodedImageFormat.Png).ToList();
        var (asked, owners) = (new List<Action>(), new List<IDisposable>());
        try
        {
            foreach (var engine in Engines)
            {
                var (ask, owner) = start(context, Model(context, preset, engine, files, settings), files);
                asked.Add(ask);
                owners.Add(owner);
            }
            var times = Measurement.Of(settings, [.. asked]);
            return new()
            {
                Name = name,
                Median = images / times.Seconds(Array.IndexOf(Engines, EightBits)),
                Unit = "images/s",
                Figures = Engines.Index().ToDictionary(engine => engine.Item, engine => images / times.Seconds(engine.Index)),
            };
        }
        finally
        {
            owners.ForEach(owner => owner.Dispose());
        }
    }

    private static MsVitTransformer Model(
        MLContext context, string preset, string engine, List<byte[]> files, BenchmarkSettings settings)
    {
        var precision = engine == "torch_bfloat16" ? Precision.BFloat16 : Precision.Float32;
        var model = new MsVitTransformer(context, BenchmarkModel.Create(preset, precision, settings));
        if (engine.StartsWith("torch", StringComparison.Ordinal))
        {
            return model;
        }
        using var torch = model;
        var path = Path.GetTempFileName();
        try
        {
            var rows = context.Data.LoadFromEnumerable(files.Select(file => new Photo { Image = file }));
            model.SaveAsOnnx(path, new() { EightBitCalibration = engine == EightBits ? rows : null });
            return (MsVitTransformer)MsVitOnnxCatalog.Load(context, File.ReadAllBytes(path), $"{preset}.onnx");
        }
        finally
        {
            File.Delete(path);
        }
    }

    private sealed class Photo
    {
        public byte[] Image { get; set; } = [];
    }

    private sealed class Scored
    {
        public float[] Score { get; set; } = [];
    }
}
