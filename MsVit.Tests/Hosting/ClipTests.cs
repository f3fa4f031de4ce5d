using Microsoft.Extensions.DependencyInjection;
using Microsoft.ML;
using Microsoft.ML.Data;
using MsVit.MLNet;
using MsVit.MLNet.Events;
using MsVit.MLNet.Hosting;
using MsVit.Tests.Support;

namespace MsVit.Tests.Hosting;

public sealed class ClipTests : IDisposable
{
    private static readonly EventFrameOptions Frames = new() { TimeSteps = 4, Area = new() { Size = new(DotTask.Size, DotTask.Size) } };

    private readonly RecordingFolder _recordings = new(perClass: 2);

    [Fact]
    public async Task A_recording_is_classified_from_a_file_from_its_bytes_and_from_events_as_by_the_pipeline()
    {
        var ml = new MLContext(seed: 1);
        var data = ml.Data.LoadEventRecordings(_recordings.Path);
        var options = DotTask.Options(o =>
        {
            o.Network = DotTask.Network with { Input = InputKind.Frames, TimeSteps = 4, Channels = 2 };
            o.Recipe = DotTask.Recipe with { MaxEpoch = 2, BatchSize = 2 };
            o.ValidationFraction = 0;
        });
        var model = ml.Transforms.Conversion.MapValueToKey("Label")
            .Append(ml.Transforms.EventsToFrames(frames: Frames))
            .Append(ml.MulticlassClassification.Trainers.MsVit(options)).Fit(data);
        using var disposable = (IDisposable)model;
        var path = Path.Combine(_recordings.Path, "model.zip");
        ml.Model.Save(model, data.Schema, path);
        var expected = DotTask.Scores(model.Transform(data));
        var files = data.GetColumn<string>("Path").ToArray();

        using var host = await ServedDots.Start(o => o.ModelPath = path);
        var predictor = host.Services.GetRequiredService<IMsVitPredictor>();
        foreach (var (i, file) in files.Index())
        {
            PredictorTests.AssertClose(expected[i], (await predictor.PredictAsync(EventClip.FromFile(file))).Probabilities);
            PredictorTests.AssertClose(expected[i], (await predictor.PredictAsync(
                EventClip.FromBytes(File.ReadAllBytes(file), file))).Probabilities);
            var seen = await predictor.PredictAsync(EventClip.FromEvents(Events(file), RecordingFolder.Sensor), new() { Insight = true });
            PredictorTests.AssertClose(expected[i], seen.Probabilities);
            Assert.Equal(EventFrames.Of(Events(file), Frames, RecordingFolder.Sensor).Bytes.ToArray(), seen.Frames!.Bytes.ToArray());
        }
        var cut = await Assert.ThrowsAsync<EventFormatException>(
            () => predictor.PredictAsync(EventClip.FromBytes(File.ReadAllBytes(files[0]).AsMemory(..^3), "cut.aedat")));
        Assert.Contains("cut.aedat", cut.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<EventFormatException>(() => predictor.PredictAsync(
            EventClip.FromEvents(Array.Empty<CameraEvent>(), RecordingFolder.Sensor)));
        await Assert.ThrowsAsync<NotSupportedException>(() => predictor.PredictAsync(new byte[] { 1 }));
    }

    public void Dispose() => _recordings.Dispose();

    private static CameraEvent[] Events(string file)
    {
        using var reader = EventFile.Open(file);
        var events = new List<CameraEvent>();
        var buffer = new CameraEvent[100];
        while (reader.Read(buffer) is > 0 and var count)
        {
            events.AddRange(buffer[..count]);
        }
        return [.. events];
    }
}
