using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;
using MsVit.MLNet;
using MsVit.MLNet.Events;
using MsVit.Tests.Support;

namespace MsVit.Tests;

public sealed class FramesTrainingTests : IDisposable
{
    private const int Side = 8;

    private static readonly EventFrameOptions Frames = new() { TimeSteps = 4, Area = new() { Size = new(Side, Side) } };

    private static readonly MsVitConfig Network = DotTask.Network with
    {
        Input = InputKind.Frames,
        TimeSteps = 4,
        Channels = 2,
        Height = Side,
        Width = Side,
    };

    private readonly MLContext _ml = new(seed: 1);
    private readonly RecordingFolder _recordings = new(perClass: 16);

    [Fact]
    public void Recordings_become_a_model_that_classifies_others_and_survives_saving()
    {
        var data = _ml.Data.LoadEventRecordings(_recordings.Path);
        var model = Pipeline(Options()).Fit(data);
        using var others = new RecordingFolder(perClass: 4, seed: 2);
        var test = _ml.Data.LoadEventRecordings(others.Path);
        var scored = model.Transform(test);
        Assert.InRange(_ml.MulticlassClassification.Evaluate(scored).MicroAccuracy, 0.9, 1);

        var path = Path.Combine(_recordings.Path, "model.zip");
        _ml.Model.Save(model, data.Schema, path);
        var loaded = new MLContext().Model.Load(path, out _);
        Assert.Equal(DotTask.Scores(scored), DotTask.Scores(loaded.Transform(test)));

        using var engine = _ml.Model.CreatePredictionEngine<Recording, DotPrediction>(loaded, inputSchema: data.Schema);
        var file = test.GetColumn<string>("Path").First();
        var alone = engine.Predict(new() { Path = file, Start = long.MinValue, End = long.MaxValue });
        Assert.All(alone.Score.Zip(DotTask.Scores(scored)[0]), pair => Assert.Equal(pair.First, pair.Second, 5));
    }

    [Fact]
    public void The_same_seed_gives_the_same_model_with_every_augmentation_and_any_number_of_workers()
    {
        var data = _ml.Data.LoadEventRecordings(_recordings.Path);
        var recipe = DotTask.Recipe with { MaxEpoch = 2, Frames = new() { DropEvents = true, Mixing = new() } };
        var first = DotTask.Scores(Pipeline(Options(recipe, workers: 1)).Fit(data).Transform(data));
        var second = DotTask.Scores(Pipeline(Options(recipe, workers: 3)).Fit(data).Transform(data));
        Assert.Equal(first, second);
        var plain = DotTask.Scores(Pipeline(Options(recipe with { Frames = new() { DropEvents = true } })).Fit(data).Transform(data));
        Assert.NotEqual(first, plain);
    }

    [Fact]
    public void A_network_trained_on_two_of_four_frames_scores_with_all_of_them()
    {
        var data = _ml.Data.LoadEventRecordings(_recordings.Path);
        var recipe = DotTask.Recipe with { MaxEpoch = 12, Frames = new() { Operations = false, TrainTimeSteps = 2 } };
        var scored = Pipeline(Options(recipe)).Fit(data).Transform(data);
        Assert.InRange(_ml.MulticlassClassification.Evaluate(scored).MicroAccuracy, 0.9, 1);

        var tooMany = Assert.Throws<ArgumentException>(() => Pipeline(Options(recipe with { Frames = new() { TrainTimeSteps = 5 } })));
        Assert.Contains("TrainTimeSteps is 5", tooMany.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Frames_of_other_dimensions_than_the_network_takes_are_refused_by_name()
    {
        var data = _ml.Data.LoadEventRecordings(_recordings.Path);
        var e = Assert.ThrowsAny<Exception>(() => Pipeline(Options(), Frames with { TimeSteps = 6 }).Fit(data));
        Assert.Contains("6 x 2 x 8 x 8", e.GetBaseException().Message, StringComparison.Ordinal);
        Assert.Contains("4 x 2 x 8 x 8", e.GetBaseException().Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_recording_that_cannot_be_read_is_left_out_and_scored_as_missing_where_both_are_allowed()
    {
        var damaged = _recordings.Damage();
        var data = _ml.Data.LoadEventRecordings(_recordings.Path, RecordingFolder.Sensor);
        var options = Options(DotTask.Recipe with { MaxEpoch = 1 });
        options.Undecodable = UndecodableImagePolicy.Skip;
        var pipeline = _ml.Transforms.Conversion.MapValueToKey("Label")
            .Append(_ml.Transforms.EventsToFrames(new EventsToFramesOptions
            {
                Frames = Frames,
                Unreadable = UnreadableRecordingPolicy.Missing
            }))
            .Append(_ml.MulticlassClassification.Trainers.MsVit(options));
        var scored = pipeline.Fit(data).Transform(data);
        var missing = scored.GetColumn<string>("Path").Zip(DotTask.Scores(scored)).Where(row => row.Second.Any(float.IsNaN))
            .Select(row => row.First);
        Assert.Equal([damaged], missing);
    }

    [Fact]
    public void A_recording_that_cannot_be_read_stops_the_training_with_its_reason_and_the_way_out()
    {
        var damaged = _recordings.Damage();
        var data = _ml.Data.LoadEventRecordings(_recordings.Path, RecordingFolder.Sensor);
        var stopped = Assert.Throws<EventFormatException>(() => Pipeline(Options(DotTask.Recipe with { MaxEpoch = 1 })).Fit(data));
        Assert.StartsWith($"{damaged}, byte ", stopped.Message, StringComparison.Ordinal);
        Assert.EndsWith(
            "To leave out what cannot be read, set Unreadable to Missing and Undecodable to Skip.", stopped.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_recording_that_is_gone_or_empty_is_left_out_where_that_is_allowed()
    {
        var path = _recordings.Damage();
        var data = _ml.Data.LoadEventRecordings(_recordings.Path, RecordingFolder.Sensor);
        var options = Options(DotTask.Recipe with { MaxEpoch = 1 });
        options.Undecodable = UndecodableImagePolicy.Skip;
        var log = new List<string>();
        _ml.Log += (_, e) => log.Add(e.Message);
        var pipeline = _ml.Transforms.Conversion.MapValueToKey("Label")
            .Append(_ml.Transforms.EventsToFrames(new EventsToFramesOptions
            {
                Frames = Frames,
                Unreadable = UnreadableRecordingPolicy.Missing
            }))
            .Append(_ml.MulticlassClassification.Trainers.MsVit(options));
        foreach (var content in (string?[])[null, "t,x,y,p\n", ""])
        {
            File.Delete(path);
            if (content is not null)
            {
                File.WriteAllText(path, content);
            }
            log.Clear();
            var scored = pipeline.Fit(data).Transform(data);
            Assert.Contains(log, line => line.Contains("1 training row could not be read", StringComparison.Ordinal)
                && line.Contains(path, StringComparison.Ordinal));
            Assert.Equal(1, DotTask.Scores(scored).Count(row => row.Any(float.IsNaN)));
        }
    }

    public void Dispose() => _recordings.Dispose();

    private static MsVitOptions Options(TrainingRecipe? recipe = null, int workers = 0) => DotTask.Options(options =>
    {
        options.Network = Network;
        options.Workers = workers;
        options.Recipe = recipe ?? DotTask.Recipe with { MaxEpoch = 12, Frames = new() { HorizontalFlip = true, Operations = false } };
    });

    private EstimatorChain<KeyToValueMappingTransformer> Pipeline(MsVitOptions options, EventFrameOptions? frames = null) =>
        _ml.Transforms.Conversion.MapValueToKey("Label")
        .Append(_ml.Transforms.EventsToFrames(frames: frames ?? Frames))
        .Append(_ml.MulticlassClassification.Trainers.MsVit(options))
        .Append(_ml.Transforms.Conversion.MapKeyToValue("Predicted", options.PredictedLabelColumnName));

    private sealed class Recording
    {
        public string Label { get; set; } = "";

        public string Path { get; set; } = "";

        public long Start { get; set; }

        public long End { get; set; }

        public int SensorWidth { get; set; }

        public int SensorHeight { get; set; }
    }
}
