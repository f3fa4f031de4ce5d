using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Data;
using MsVit.MLNet.Events;
using MsVit.Tests.Data.Events;
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
            Reading = new() { AcceptTruncated = true },
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
    public void Options_that_were_saved_under_older_names_are_read()
    {
        var options = JsonSerializer.Deserialize<EventsToFramesOptions>(
            """{"Reading":{"OutOfRange":1,"AcceptCutEnd":true,"Columns":"x,y,p,t","TimeUnit":1},"Unreadable":1}""")!;
        Assert.Equal(new EventReadOptions
        {
            OutOfRange = OutOfRangePolicy.Drop,
            AcceptTruncated = true,
            Columns = "x,y,p,t",
            TimeUnit = EventTimeUnit.Milliseconds,
        }, options.Reading);
        var saved = JsonSerializer.Serialize(options);
        Assert.DoesNotContain("AcceptCutEnd", saved, StringComparison.Ordinal);
        Assert.Equal(options.Reading, JsonSerializer.Deserialize<EventsToFramesOptions>(saved)!.Reading);
    }

    [Fact]
    public void A_sensor_that_nobody_states_is_measured_and_logged()
    {
        using var folder = new TemporaryFolder();
        CameraEvent[] events =
            [.. Enumerable.Range(0, 300).Select(k => new CameraEvent(k * 100, (ushort)(k % 12), (ushort)(k % 10), true))];
        string[] paths = [.. Enumerable.Range(0, 2).Select(i => folder.Write($"{i}.bin", SlowRecordings.Atis(events)))];
        File.AppendAllBytes(paths[1], [200, 3, 0x81, 0, 0]);
        var log = new List<string>();
        _ml.Log += (_, e) => log.Add($"{e.Kind} {e.Message}");
        var data = _ml.Data.LoadEventRecordings(paths.Select(path => new EventRecording(path, "a")));
        var fitted = _ml.Transforms.EventsToFrames(frames: new() { TimeSteps = 2 }).Fit(data);
        Assert.Equal([2, 2, 10, 201], fitted.Dimensions);
        Assert.Contains(log, line => line.Contains("The sensor is taken as 201 x 10, which the events need", StringComparison.Ordinal));
        Assert.Contains(log, line => line.StartsWith("Warning", StringComparison.Ordinal)
            && line.Contains("1 of 601 events; the rest needs only 12 x 10.", StringComparison.Ordinal)
            && line.Contains("set Sensor to 12 x 10 and OutOfRange to Drop.", StringComparison.Ordinal));
    }

    [Fact]
    public void Saved_frames_are_the_input_as_they_are()
    {
        using var folder = new TemporaryFolder();
        var frames = NpyFile.Of("f8", "(2, 2, 3, 3)", Enumerable.Range(0, 36).Select(i => (double)i));
        var path = folder.Write("a.npz", NpzFile.Of(("frames", frames)));
        var data = _ml.Data.LoadEventRecordings([new EventRecording(path, "a")]);
        var fitted = _ml.Transforms.EventsToFrames(frames: new() { TimeSteps = 2 }).Fit(data);
        Assert.Equal(Enumerable.Range(0, 36).Select(i => (byte)i), fitted.Transform(data).GetColumn<byte[]>("Frames").Single());
    }

    [Fact]
    public void A_copy_reads_in_another_way()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("a.csv", "1,2,3,1\n4,5,6,0\n"u8.ToArray());
        var data = _ml.Data.LoadEventRecordings([new EventRecording(path, "a")]);
        var options = new EventsToFramesOptions
        {
            Frames = new() { TimeSteps = 1, Area = new() { Sensor = new(7, 7) } },
            Reading = new() { Columns = "t,x,y,p" },
        };
        var fitted = _ml.Transforms.EventsToFrames(options).Fit(data);
        var other = fitted.WithReading(new() { Columns = "t,y,x,p", Sensor = new(8, 8) });
        Assert.Equal([1, 2, 8, 8], other.Dimensions);
        Assert.Equal(1, other.Transform(data).GetColumn<byte[]>("Frames").Single()[64 + (2 * 8) + 3]);
        Assert.Equal(1, fitted.Transform(data).GetColumn<byte[]>("Frames").Single()[49 + (3 * 7) + 2]);
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
