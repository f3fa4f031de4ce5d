using Microsoft.ML;
using Microsoft.ML.Data;
using MsVit.MLNet;
using MsVit.MLNet.Analysis;
using MsVit.MLNet.Events;
using MsVit.Tests.Support;

namespace MsVit.Tests.Scoring;

/// <summary>Scoring past images and recordings that cannot be read.</summary>
public sealed class UnreadableInputTests(TrainedPhotos photos, TrainedRecordings recordings)
    : IClassFixture<TrainedPhotos>, IClassFixture<TrainedRecordings>, IDisposable
{
    private readonly MLContext _ml = new(seed: 1);
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Each_is_reported_with_its_row_and_file_and_the_other_rows_are_scored_as_ever()
    {
        using var model = (TransformerChain<ITransformer>)_ml.Model.Load(photos.Model, out _);
        var bad = TrainedPhotos.WriteBad(_folder, "bad");
        var good = _ml.Data.LoadImageFolder(photos.Photos).GetColumn<string>("ImagePath").ToArray();
        var expected = DotTask.Scores(model.Transform(Rows(good)));
        string[] files = [.. good[..20], .. bad.Keys, .. good[20..]];

        var skipped = new List<SkippedRow>();
        var scores = DotTask.Scores(MsVitPipeline.Of(model).Score(Rows(files), skipped.Add));
        Assert.Equal(Enumerable.Range(20, bad.Count).Select(row => (long)row), skipped.Select(row => row.Row));
        Assert.Equal(bad.Keys.Select((file, i) => $"row {20 + i}, file {file}"), skipped.Select(row => row.Fault.ImageSource));
        Assert.All(scores[20..(20 + bad.Count)], row => Assert.All(row, score => Assert.True(float.IsNaN(score))));
        Assert.All(expected.Zip([.. scores[..20], .. scores[(20 + bad.Count)..]]), pair =>
            Assert.All(pair.First.Zip(pair.Second), score => Assert.Equal(score.First, score.Second, 5)));
    }

    [Fact]
    public void Only_rows_that_a_cursor_reaches_are_reported()
    {
        using var model = (TransformerChain<ITransformer>)_ml.Model.Load(photos.Model, out _);
        var good = photos.Of("top");
        var skipped = new List<SkippedRow>();
        var scored = MsVitPipeline.Of(model).Score(Rows([good[0], "missing.png", good[1], "gone.png"]), skipped.Add);
        using (var cursor = scored.GetRowCursor([scored.Schema["Score"]]))
        {
            Assert.True(cursor.MoveNext());
            Assert.Empty(skipped);
            Assert.True(cursor.MoveNext());
            Assert.True(cursor.MoveNext());
        }
        Assert.Equal(1, Assert.Single(skipped).Row);
    }

    [Fact]
    public void Without_a_listener_the_policy_of_the_model_decides_also_on_a_file_that_is_gone()
    {
        var rows = Rows([photos.Of("top")[0], "missing.png"]);
        using var strict = (TransformerChain<ITransformer>)_ml.Model.Load(photos.Model, out _);
        Assert.Throws<FileNotFoundException>(() => DotTask.Scores(strict.Transform(rows)));
        using var skipping = (TransformerChain<ITransformer>)_ml.Model.Load(photos.Skipping, out _);
        Assert.True(float.IsNaN(DotTask.Scores(skipping.Transform(rows))[1][0]));
    }

    [Fact]
    public void A_recording_that_a_pipeline_would_merely_miss_says_why()
    {
        using var model = (TransformerChain<ITransformer>)_ml.Model.Load(recordings.Model, out _);
        var pipeline = MsVitPipeline.Of(model);
        var lenient = pipeline.Before.OfType<EventsToFramesTransformer>().Single().Source.Options with
        {
            Unreadable = UnreadableRecordingPolicy.Missing,
        };
        var view = _ml.Data.LoadEventRecordings(recordings.Recordings, RecordingFolder.Sensor);
        var missing = _ml.Transforms.EventsToFrames(lenient).Fit(view);
        pipeline = pipeline with { Before = [.. pipeline.Before.Select(step => step is EventsToFramesTransformer ? missing : step)] };

        var empty = _folder.Write("empty.aedat", []);
        var skipped = new List<SkippedRow>();
        _ = DotTask.Scores(pipeline.Score(_ml.Data.LoadEventRecordings([new(empty, "top")]), skipped.Add));
        Assert.Contains("the file is empty", Assert.Single(skipped).Fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_report_counts_and_names_what_was_left_out_and_its_tables_sum_to_the_rest()
    {
        using var model = (TransformerChain<ITransformer>)_ml.Model.Load(photos.Skipping, out _);
        var empty = _folder.Write("empty.png", []);
        var good = photos.Of("top");
        var data = _ml.Data.LoadFromEnumerable(new[]
        {
            new Row { Label = "top", ImagePath = good[0] },
            new Row { Label = "top", ImagePath = empty },
            new Row { Label = "bottom", ImagePath = good[1] },
            new Row { Label = "left", ImagePath = good[2] },
        });
        var report = Path.Combine(_folder.Path, "r.html");
        RunReport.Write(report, model, data);
        var text = File.ReadAllText(report).ReplaceLineEndings("");
        Assert.Contains("<dt>Rows evaluated</dt><dd>2</dd>", text, StringComparison.Ordinal);
        Assert.Contains($"1 without a label that the model knows; 1 that could not be read: row 1, file {empty}", text,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Data_of_the_other_kind_is_called_so()
    {
        using var images = (TransformerChain<ITransformer>)_ml.Model.Load(photos.Model, out _);
        using var events = (TransformerChain<ITransformer>)_ml.Model.Load(recordings.Model, out _);
        var clips = _ml.Data.LoadEventRecordings(recordings.Recordings, RecordingFolder.Sensor);
        var pictures = _ml.Data.LoadImageFolder(photos.Photos);

        Says("The data holds recordings of an event camera, but images are expected.", () => images.Transform(clips));
        Says("The data holds images, but recordings of an event camera are expected.", () => events.Transform(pictures));
        Says("The data holds recordings of an event camera, but images are expected.", () =>
            DotTask.Pipeline(_ml, DotTask.Options()).Fit(clips));
        Says("The data holds images, but recordings of an event camera are expected.", () =>
            _ml.Transforms.EventsToFrames().Fit(pictures));

        static void Says(string words, Func<object> use) =>
            Assert.Contains(words, Assert.ThrowsAny<ArgumentException>(() => use()).Message, StringComparison.Ordinal);
    }

    private IDataView Rows(IEnumerable<string> files) =>
        _ml.Data.LoadFromEnumerable(files.Select(file => new Row { Label = "top", ImagePath = file }));

    private sealed class Row
    {
        public string Label { get; set; } = "";

        public string ImagePath { get; set; } = "";

        public byte[] Image => File.ReadAllBytes(ImagePath);
    }
}
