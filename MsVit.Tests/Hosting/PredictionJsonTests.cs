using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using MsVit.MLNet.Events;
using MsVit.MLNet.Hosting;

namespace MsVit.Tests.Hosting;

/// <summary>An endpoint may return what the predictor returns.</summary>
public sealed class PredictionJsonTests(ServedDots dots) : IClassFixture<ServedDots>
{
    [Fact]
    public async Task A_prediction_with_a_look_into_the_network_is_written_and_read_again()
    {
        using var host = await ServedDots.Start(options => options.ModelPath = dots.First);
        var predictor = host.Services.GetRequiredService<IMsVitPredictor>();
        var prediction = await predictor.PredictAsync(dots.Images[0], new() { Top = 2, Insight = true });
        var json = JsonSerializer.Serialize(prediction, JsonSerializerOptions.Web);

        var root = JsonDocument.Parse(json).RootElement;
        Assert.Equal(["label", "probability", "top", "probabilities", "modelVersion", "insight"],
            root.EnumerateObject().Select(value => value.Name));
        Assert.Equal(prediction.Insight!.Layers.Count, root.GetProperty("insight").GetProperty("layers").GetArrayLength());
        var read = JsonSerializer.Deserialize<MsVitPrediction>(json, JsonSerializerOptions.Web)!;
        Assert.Equal(prediction.Probabilities, read.Probabilities);
        Assert.Equal(prediction.Top, read.Top);

        var model = JsonDocument.Parse(JsonSerializer.Serialize(predictor.Model, JsonSerializerOptions.Web)).RootElement;
        Assert.Equal(predictor.Model.Labels, model.GetProperty("labels").EnumerateArray().Select(label => label.GetString()));
    }

    [Fact]
    public void The_counts_of_frames_are_not_part_of_the_json_but_their_size_may_be()
    {
        var frames = EventFrames.Of(
            [new(0, 1, 2, true), new(5, 3, 3, false)], new() { TimeSteps = 2, MaxCount = 255 }, new SensorSize(4, 4));
        var prediction = new MsVitPrediction
        {
            Label = "a",
            Probability = 1,
            Top = [],
            Probabilities = [1],
            ModelVersion = "1",
            Frames = frames,
        };
        var json = JsonSerializer.Serialize(prediction, JsonSerializerOptions.Web);
        Assert.DoesNotContain("frames", json, StringComparison.OrdinalIgnoreCase);
        var alone = JsonDocument.Parse(JsonSerializer.Serialize(frames, JsonSerializerOptions.Web)).RootElement;
        Assert.Equal(2, alone.GetProperty("timeSteps").GetInt32());
        Assert.Equal(4, alone.GetProperty("size").GetProperty("width").GetInt32());
        Assert.False(alone.TryGetProperty("bytes", out _));
    }

    [Fact]
    public async Task A_predictor_that_outlives_its_application_says_so()
    {
        var host = await ServedDots.Start(options => options.ModelPath = dots.First);
        var predictor = host.Services.GetRequiredService<IMsVitPredictor>();
        await host.StopAsync();
        Assert.Equal(PredictionRefusal.NotRunning,
            (await Assert.ThrowsAsync<PredictionRefusedException>(() => predictor.PredictAsync(dots.Images[0]))).Refusal);
        host.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => predictor.PredictAsync(dots.Images[0]));
        Assert.Throws<ObjectDisposedException>(() => predictor.Model);
        Assert.Throws<ObjectDisposedException>(() => predictor.Refusal);
    }
}
