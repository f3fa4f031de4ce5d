using System.Diagnostics.Metrics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.ML.Data;
using MsVit.MLNet;
using MsVit.MLNet.Hosting;
using MsVit.Tests.Support;

namespace MsVit.Tests.Hosting;

public sealed class PredictorTests(ServedDots dots) : IClassFixture<ServedDots>
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task Predictions_are_those_of_the_pipeline_alone_and_together()
    {
        using var host = await ServedDots.Start(options => options.ModelPath = dots.First);
        var predictor = host.Services.GetRequiredService<IMsVitPredictor>();
        var together = await Task.WhenAll(dots.Images.Select(image => predictor.PredictAsync(image, new() { Top = 2 })));
        foreach (var (i, prediction) in together.Index())
        {
            AssertClose(dots.Expected[i], prediction.Probabilities);
            Assert.Equal(predictor.Model.Labels[Array.IndexOf(dots.Expected[i], dots.Expected[i].Max())], prediction.Label);
            Assert.Equal(prediction.Label, prediction.Top[0].Label);
            Assert.Equal(2, prediction.Top.Count);
            Assert.True(prediction.Top[0].Probability >= prediction.Top[1].Probability);
            Assert.Equal(predictor.Model.Version, prediction.ModelVersion);
            Assert.Null(prediction.Insight);
        }
        using var image = MLImage.CreateFromStream(new MemoryStream(dots.Images[0]));
        AssertClose(dots.Expected[0], (await predictor.PredictAsync(image)).Probabilities);
    }

    [Fact]
    public async Task Requests_that_come_together_are_computed_together()
    {
        using var host = await ServedDots.Start(options => (options.ModelPath, options.MaxBatchSize, options.MaxBatchDelay) = (
            dots.First, 8, Long));
        using var measured = new Measurements(host.Services.GetRequiredService<IMeterFactory>());
        var predictor = host.Services.GetRequiredService<IMsVitPredictor>();
        await Task.WhenAll(dots.Images.Select(image => predictor.PredictAsync(image)));
        Assert.Equal([8, 8, 8], measured.Of("msvit.batch.size"));
        Assert.Equal(24, measured.All.Count(item => item is { Instrument: "msvit.prediction.duration", Outcome: "ok" }));
        Assert.Equal(0, measured.Of("msvit.queue.length").Sum());
    }

    [Fact]
    public async Task A_look_into_the_network_agrees_with_the_prediction_and_with_itself()
    {
        using var host = await ServedDots.Start(options => options.ModelPath = dots.First);
        var predictor = host.Services.GetRequiredService<IMsVitPredictor>();
        var prediction = await predictor.PredictAsync(dots.Images[1], new() { Insight = true });
        AssertClose(dots.Expected[1], prediction.Probabilities);
        var insight = prediction.Insight!;
        Assert.Equal(predictor.Model.Network.TimeSteps, insight.ProbabilitiesPerStep.Count);
        Assert.Equal(prediction.Probabilities, insight.ProbabilitiesPerStep[^1]);
        Assert.Equal(["stage1.0", "stage2.0", "stage3.0"], insight.Attention.Select(map => map.Block[..8]));
        Assert.All(insight.Attention, map => Assert.Equal(map.Height * map.Width, map.Rates.Count));
        Assert.All(insight.Layers, layer => Assert.Equal(insight.TimeSteps, layer.RatePerStep.Count));
        Assert.Equal(insight.Layers.Sum(layer => layer.RatePerStep.Average() * layer.Neurons) / insight.Layers.Sum(
            layer => layer.Neurons), insight.FiringRate, 6);
        // A raster that shows all neurons of a layer has that layer's rates.
        Assert.All(insight.Layers.Where(layer => layer.Neurons == layer.Raster.Count), layer => Assert.Equal(
            layer.RatePerStep[0], layer.Raster.Average(neuron => (double)neuron[0]), 6));
        Assert.InRange(insight.Energy.Picojoules, 1, insight.Energy.AnnPicojoules * insight.TimeSteps);
    }

    [Fact]
    public async Task A_full_queue_refuses_at_once_in_words_and_answers_what_it_accepted_when_the_host_stops()
    {
        using var host = await ServedDots.Start(options =>
        {
            (options.ModelPath, options.QueueCapacity, options.MaxBatchDelay, options.Deadline) = (
                dots.First, 4, Long, TimeSpan.FromMinutes(1));
        });
        var predictor = host.Services.GetRequiredService<IMsVitPredictor>();
        Assert.Null(predictor.Refusal);
        var accepted = dots.Images.Take(4).Select(image => predictor.PredictAsync(image)).ToArray();
        Assert.Equal(PredictionRefusal.Overloaded, predictor.Refusal?.Refusal);
        var e = await Assert.ThrowsAsync<PredictionRefusedException>(() => predictor.PredictAsync(dots.Images[4]));
        Assert.Equal(PredictionRefusal.Overloaded, e.Refusal);
        Assert.Contains("full with 4 requests", e.Message, StringComparison.Ordinal);
        Assert.NotNull(e.RetryAfter);

        await host.StopAsync();
        Assert.All(accepted, task => Assert.True(task.IsCompletedSuccessfully));
        var stopped = await Assert.ThrowsAsync<PredictionRefusedException>(() => predictor.PredictAsync(dots.Images[0]));
        Assert.Equal(PredictionRefusal.NotRunning, stopped.Refusal);
    }

    [Fact]
    public async Task What_is_not_computed_before_its_deadline_is_refused_and_gives_its_place_back()
    {
        using var host = await ServedDots.Start(options =>
        {
            (options.ModelPath, options.QueueCapacity, options.MaxBatchDelay, options.Deadline) = (
                dots.First, 1, Long, TimeSpan.FromMilliseconds(300));
        });
        var predictor = host.Services.GetRequiredService<IMsVitPredictor>();
        for (var i = 0; i < 3; i++)
        {
            var e = await Assert.ThrowsAsync<PredictionRefusedException>(() => predictor.PredictAsync(dots.Images[0]));
            Assert.Equal(PredictionRefusal.DeadlineExceeded, e.Refusal);
        }
    }

    [Fact]
    public async Task Cancelled_requests_leave_the_queue()
    {
        using var host = await ServedDots.Start(options => (options.ModelPath, options.QueueCapacity, options.MaxBatchDelay) = (
            dots.First, 1, Long));
        var predictor = host.Services.GetRequiredService<IMsVitPredictor>();
        for (var i = 0; i < 3; i++)
        {
            using var cancel = new CancellationTokenSource();
            var waiting = predictor.PredictAsync(dots.Images[0], cancellationToken: cancel.Token);
            await cancel.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        }
    }

    [Fact]
    public async Task An_image_that_cannot_be_decoded_fails_alone()
    {
        using var host = await ServedDots.Start(options => (options.ModelPath, options.MaxBatchDelay, options.MaxPixels,
            options.MaxBytes) = (dots.First, TimeSpan.FromMilliseconds(200), 64, 5_000));
        var predictor = host.Services.GetRequiredService<IMsVitPredictor>();
        var good = predictor.PredictAsync(dots.Images[0]);
        var garbage = await Assert.ThrowsAsync<UndecodableImageException>(() => predictor.PredictAsync(new byte[] { 1, 2, 3 }));
        Assert.Contains("begin with 010203", garbage.Message, StringComparison.Ordinal);
        var cut = await Assert.ThrowsAsync<UndecodableImageException>(() => predictor.PredictAsync(dots.Images[0].AsMemory(..^30)));
        Assert.Contains("cut short", cut.Message, StringComparison.Ordinal);
        var bomb = await Assert.ThrowsAsync<UndecodableImageException>(
            () => predictor.PredictAsync(PngWriter.Write(9, 8, PngWriter.Rgb, 8, new byte[3 * 72])));
        Assert.Contains("72 pixels", bomb.Message, StringComparison.Ordinal);
        var large = await Assert.ThrowsAsync<UndecodableImageException>(() => predictor.PredictAsync(new byte[5_001]));
        Assert.Contains("at most 5000", large.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<NotSupportedException>(() => predictor.PredictAsync(EventClip.FromBytes(new byte[10], "clip.bin")));
        AssertClose(dots.Expected[0], (await good).Probabilities);
    }

    [Fact]
    public async Task Named_models_stand_side_by_side_and_come_from_configuration_too()
    {
        var section = new ConfigurationBuilder()
            .AddInMemoryCollection(new Dictionary<string, string?>
            {
                ["ModelPath"] = dots.Second,
                ["MaxBatchSize"] = "3",
                ["Deadline"] = "00:00:07",
                ["Device"] = "cpu"
            }).Build();
        using var host = await ServedDots.Start(options => options.ModelPath = dots.First, services => services.AddMsVit("other", section));
        var first = await host.Services.GetRequiredService<IMsVitPredictor>().PredictAsync(dots.Images[0]);
        var second = await host.Services.GetRequiredKeyedService<IMsVitPredictor>("other").PredictAsync(dots.Images[0]);
        AssertClose(dots.Expected[0], first.Probabilities);
        AssertClose(dots.ExpectedOfSecond[0], second.Probabilities);
        Assert.NotEqual(first.ModelVersion, second.ModelVersion);
    }

    internal static void AssertClose(IReadOnlyList<float> expected, IReadOnlyList<float> actual) =>
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
}
