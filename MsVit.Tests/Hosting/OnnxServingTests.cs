using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.ML;
using MsVit.MLNet;
using MsVit.MLNet.Events;
using MsVit.MLNet.Hosting;
using MsVit.Tests.Support;

namespace MsVit.Tests.Hosting;

/// <summary>AddMsVit serves an ONNX model like a model of ML.NET.</summary>
public sealed class OnnxServingTests(ServedDots dots, TrainedRecordings recordings)
    : IClassFixture<ServedDots>, IClassFixture<TrainedRecordings>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task It_answers_in_batches_like_the_model_that_it_was_exported_from()
    {
        using var host = await ServedDots.Start(options => options.ModelPath = Export(dots.First, "dots.onnx"),
            services => services.AddHealthChecks().AddMsVit());
        var predictor = host.Services.GetRequiredService<IMsVitPredictor>();
        var answers = await Task.WhenAll(dots.Images.Select(image => predictor.PredictAsync(image)));
        Assert.All(answers.Zip(dots.Expected), pair => AssertClose(pair.Second, pair.First.Probabilities));
        var health = await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync();
        Assert.Equal(HealthStatus.Healthy, health.Status);
        Assert.InRange(predictor.Model.ParameterCount, 1000, long.MaxValue);
    }

    [Fact]
    public async Task A_request_for_insight_is_refused_in_words_and_harms_no_other()
    {
        using var host = await ServedDots.Start(options => options.ModelPath = Export(dots.First, "dots.onnx"));
        var predictor = host.Services.GetRequiredService<IMsVitPredictor>();
        Assert.False(predictor.Model.HasInsight);
        var others = dots.Images.Select(image => predictor.PredictAsync(image)).ToArray();
        var error = await Assert.ThrowsAsync<NotSupportedException>(
            () => predictor.PredictAsync(dots.Images[0], new PredictionSettings { Insight = true }));
        Assert.Contains("msvit export --insight", error.Message, StringComparison.Ordinal);
        await Task.WhenAll(others);
    }

    [Fact]
    public async Task A_file_with_insight_answers_what_the_saved_model_answers()
    {
        var path = Export(dots.First, "insight.onnx", new() { Insight = true });
        using var zip = await ServedDots.Start(options => options.ModelPath = dots.First);
        using var onnx = await ServedDots.Start(options => options.ModelPath = path);
        var (saved, exported) = (zip.Services.GetRequiredService<IMsVitPredictor>(), onnx.Services.GetRequiredService<IMsVitPredictor>());
        Assert.True(exported.Model.HasInsight);
        foreach (var image in dots.Images.Take(3))
        {
            var (expected, got) = (
                await saved.PredictAsync(image, new() { Insight = true }), await exported.PredictAsync(image, new() { Insight = true }));
            AssertClose(expected.Probabilities, got.Probabilities);
            Assert.Equal(expected.Insight!.Layers.Select(layer => layer.Name), got.Insight!.Layers.Select(layer => layer.Name));
            Assert.All(expected.Insight.Layers.Zip(got.Insight.Layers), pair => Assert.Equal(pair.First.Raster, pair.Second.Raster));
            Assert.Equal(expected.Insight.Energy.Picojoules, got.Insight.Energy.Picojoules);
        }
        AssertClose(dots.Expected[0], (await exported.PredictAsync(dots.Images[0])).Probabilities);
    }

    [Fact]
    public async Task Recordings_get_their_insight_and_frames()
    {
        var path = Export(recordings.Model, "insight.onnx", new() { Insight = true });
        using var zip = await ServedDots.Start(options => options.ModelPath = recordings.Model);
        using var onnx = await ServedDots.Start(options => options.ModelPath = path);
        var clip = EventClip.FromFile(Directory.GetFiles(recordings.Recordings, "*", SearchOption.AllDirectories)[0]);
        var (expected, got) = (
            await zip.Services.GetRequiredService<IMsVitPredictor>().PredictAsync(clip, new() { Insight = true }),
            await onnx.Services.GetRequiredService<IMsVitPredictor>().PredictAsync(clip, new() { Insight = true }));
        AssertClose(expected.Probabilities, got.Probabilities);
        Assert.Equal(expected.Insight!.FiringRate, got.Insight!.FiringRate);
        Assert.NotNull(got.Frames);
    }

    [Fact]
    public async Task A_replaced_file_is_served_and_a_damaged_one_is_not()
    {
        var path = Export(dots.First, "served.onnx");
        using var host = await ServedDots.Start(
            options => (options.ModelPath, options.ReloadInterval) = (path, TimeSpan.FromMilliseconds(100)),
            services => services.AddHealthChecks().AddMsVit());
        var predictor = host.Services.GetRequiredService<IMsVitPredictor>();
        var health = host.Services.GetRequiredService<HealthCheckService>();
        var first = predictor.Model.Version;
        File.Move(Export(dots.Second, "new.onnx"), path, overwrite: true);
        await Until(() => predictor.Model.Version != first);
        AssertClose(dots.ExpectedOfSecond[0], (await predictor.PredictAsync(dots.Images[0])).Probabilities);

        var cut = _folder.Write("cut.onnx", File.ReadAllBytes(path)[..^100]);
        File.Move(cut, path, overwrite: true);
        await Until(() => health.CheckHealthAsync().GetAwaiter().GetResult().Status == HealthStatus.Degraded);
        AssertClose(dots.ExpectedOfSecond[0], (await predictor.PredictAsync(dots.Images[0])).Probabilities);
    }

    [Fact]
    public async Task It_runs_on_the_CPU_alone()
    {
        var path = Export(dots.First, "dots.onnx");
        var error = await Assert.ThrowsAsync<InvalidOperationException>(
            () => ServedDots.Start(options => (options.ModelPath, options.Device) = (path, "cuda")));
        Assert.Contains("ONNX model, which runs on the CPU", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Recordings_become_frames_as_the_file_says()
    {
        var path = Export(recordings.Model, "recordings.onnx");
        using var zip = await ServedDots.Start(options => options.ModelPath = recordings.Model);
        using var onnx = await ServedDots.Start(options => options.ModelPath = path);
        var (expected, got) = (zip.Services.GetRequiredService<IMsVitPredictor>(), onnx.Services.GetRequiredService<IMsVitPredictor>());
        var ml = new MLContext();
        var loaded = ml.Model.LoadMsVitOnnx(path);
        using var owned = (IDisposable)loaded;
        foreach (var file in Directory.GetFiles(recordings.Recordings, "*", SearchOption.AllDirectories).Take(3))
        {
            var clip = EventClip.FromFile(file);
            var probabilities = (await expected.PredictAsync(clip)).Probabilities;
            AssertClose([.. probabilities], (await got.PredictAsync(clip)).Probabilities);
            var rows = ml.Data.LoadEventRecordings([new EventRecording(file, "none")]);
            AssertClose([.. probabilities], DotTask.Scores(loaded.Transform(rows)).Single());
        }
    }

    private string Export(string model, string name, OnnxExportOptions? exportOptions = null)
    {
        var ml = new MLContext();
        var loaded = ml.Model.Load(model, out _);
        using var owned = (IDisposable)loaded;
        var path = Path.Combine(_folder.Path, name);
        ml.Model.SaveMsVitOnnx(loaded, path, exportOptions);
        return path;
    }

    private static void AssertClose(IReadOnlyList<float> expected, IReadOnlyList<float> actual) =>
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 1e-4f));

    private static async Task Until(Func<bool> holds)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!holds())
        {
            await Task.Delay(20, patience.Token);
        }
    }
}
