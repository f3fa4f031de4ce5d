using Microsoft.ML;
using Microsoft.ML.Data;
using MsVit.MLNet.Events;
using MsVit.Tests.Support;

namespace MsVit.Tests.Transforms;

public sealed class EventsToFramesTests : IDisposable
{
    private readonly RecordingFolder _recordings = new(perClass: 3);
    private readonly MLContext _ml = new(seed: 1);

    [Fact]
    public void The_column_has_the_dimensions_of_the_frames_and_holds_their_counts()
    {
        var frames = new EventFrameOptions { TimeSteps = 4 };
        var data = _ml.Data.LoadEventRecordings(_recordings.Path);
        var column = _ml.Transforms.EventsToFrames(frames: frames).Fit(data).Transform(data);

        var type = Assert.IsType<VectorDataViewType>(column.Schema["Frames"].Type);
        Assert.Equal([4, 2, RecordingFolder.Size, RecordingFolder.Size], type.Dimensions.ToArray());
        Assert.Equal(NumberDataViewType.Byte, type.ItemType);
        var expected = column.GetColumn<string>("Path").Select(
            path => EventFrames.Read(() => EventFile.Open(path), frames).Bytes.ToArray());
        Assert.Equal(expected, column.GetColumn<byte[]>("Frames"));
    }

    [Fact]
    public void A_saved_pipeline_gives_the_same_frames_when_it_is_loaded()
    {
        var data = _ml.Data.LoadEventRecordings(_recordings.Path);
        var options = new EventsToFramesOptions
        {
            Frames = new()
            {
                TimeSteps = 3,
                MergePolarity = true,
                MaxCount = 1,
                Split = EventSplit.Time,
                Area = new() { Crop = new(8, 8, 96, 96), Size = new(12, 12) }
            },
            Cleaning = new() { HotPixelRatio = 20, RefractoryPeriod = 10, SupportWithin = 100_000_000 },
            Reading = new() { AcceptCutEnd = true },
        };
        var pipeline = _ml.Transforms.Conversion.MapValueToKey("Label").Append(_ml.Transforms.EventsToFrames(options));
        var model = pipeline.Fit(data);
        var path = Path.Combine(_recordings.Path, "model.zip");
        _ml.Model.Save(model, data.Schema, path);

        var loaded = new MLContext().Model.Load(path, out var schema);
        Assert.Contains("Path", schema.Select(column => column.Name));
        var before = model.Transform(data).GetColumn<byte[]>("Frames").ToArray();
        Assert.All(before, frames => Assert.Equal(3 * 12 * 12, frames.Length));
        Assert.Contains(before, frames => frames.Any(count => count > 0));
        Assert.Equal(before, loaded.Transform(data).GetColumn<byte[]>("Frames"));
    }

    [Fact]
    public void A_prediction_engine_makes_the_frames_of_one_row()
    {
        var data = _ml.Data.LoadEventRecordings(_recordings.Path);
        var transformer = _ml.Transforms.EventsToFrames(frames: new() { TimeSteps = 2 }).Fit(data);
        using var engine = _ml.Model.CreatePredictionEngine<OnePath, OneSample>(transformer);
        var path = data.GetColumn<string>("Path").Last();
        var whole = engine.Predict(new() { Path = path, Start = long.MinValue, End = long.MaxValue }).Frames;
        Assert.Equal(transformer.Transform(data).GetColumn<byte[]>("Frames").Last(), whole);

        var half = engine.Predict(new() { Path = path, Start = 0, End = RecordingFolder.Duration / 2 }).Frames;
        Assert.InRange(half.Sum(count => count), 1, whole.Sum(count => count) - 1);
    }

    [Fact]
    public void A_damaged_recording_stops_with_file_and_byte_or_is_missing_where_that_is_allowed()
    {
        var damaged = _recordings.Damage();
        var data = _ml.Data.LoadEventRecordings(_recordings.Path);
        var options = new EventsToFramesOptions { Frames = new() { TimeSteps = 2, Area = new() { Sensor = RecordingFolder.Sensor } } };
        var throws = _ml.Transforms.EventsToFrames(options).Fit(data);
        var e = Assert.ThrowsAny<Exception>(() => throws.Transform(data).GetColumn<byte[]>("Frames").ToArray());
        Assert.Contains(damaged, e.GetBaseException().Message, StringComparison.Ordinal);
        Assert.Contains("byte", e.GetBaseException().Message, StringComparison.Ordinal);

        var missing = _ml.Transforms.EventsToFrames(options with { Unreadable = UnreadableRecordingPolicy.Missing }).Fit(data)
            .Transform(data);
        var rows = missing.GetColumn<string>("Path").Zip(missing.GetColumn<byte[]>("Frames")).ToArray();
        Assert.Equal([damaged], rows.Where(row => row.Second.Length == 0).Select(row => row.First));
    }

    [Fact]
    public void Columns_that_are_not_asked_for_open_no_file()
    {
        var data = _ml.Data.LoadEventRecordings(_recordings.Path);
        var column = _ml.Transforms.EventsToFrames(frames: new() { TimeSteps = 2 }).Fit(data).Transform(data);
        _recordings.Damage();
        Assert.Equal(RecordingFolder.Classes.Count * 3, column.GetColumn<string>("Label").Count());
    }

    [Fact]
    public void What_does_not_fit_is_refused_at_the_door()
    {
        var data = _ml.Data.LoadEventRecordings(_recordings.Path);
        var number = Assert.Throws<ArgumentException>(() => _ml.Transforms.EventsToFrames(
            frames: new() { TimeSteps = 0, Split = EventSplit.Window }));
        Assert.Contains("TimeSteps", number.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => _ml.Transforms.EventsToFrames(
            new EventsToFramesOptions { Cleaning = new() { HotPixelRatio = 0 } }));
        var column = Assert.ThrowsAny<Exception>(() => _ml.Transforms.EventsToFrames(pathColumnName: "File").Fit(data));
        Assert.Contains("'File'", column.Message, StringComparison.Ordinal);
        var type = Assert.ThrowsAny<Exception>(() => _ml.Transforms.EventsToFrames(pathColumnName: "Start").Fit(data));
        Assert.Contains("'Start'", type.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _recordings.Dispose();

    private sealed class OnePath
    {
        public string Path { get; set; } = "";

        public long Start { get; set; }

        public long End { get; set; }
    }

    private sealed class OneSample
    {
        public byte[] Frames { get; set; } = [];
    }
}
