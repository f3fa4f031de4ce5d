using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;
using MsVit.MLNet;
using MsVit.Tests.Support;

namespace MsVit.Tests.Scoring;

public sealed class ScoringTests : IClassFixture<TrainedDots>
{
    private readonly MLContext _ml = new(seed: 1);
    private readonly ITransformer _model;

    public ScoringTests(TrainedDots trained) => _model = trained.Model;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(32)]
    [InlineData(75)]
    public void Rows_keep_their_order_and_their_other_columns(int count)
    {
        var scored = _model.Transform(DotTask.Data(_ml, count));
        Assert.Equal(Enumerable.Range(0, count), scored.GetColumn<int>("Number"));
        Assert.Equal(Enumerable.Range(0, count).Select(i => $"row {i}"), scored.GetColumn<string>("Text"));
        Assert.Equal(DotTask.Rows(count).Select(row => row.Image), scored.GetColumn<float[]>("Image"));
    }

    [Fact]
    public void A_batch_scores_a_row_as_the_row_alone_is_scored()
    {
        var rows = DotTask.Rows(40);
        var batched = DotTask.Scores(_model.Transform(_ml.Data.LoadFromEnumerable(rows)));
        using var engine = Engine();
        for (var i = 0; i < rows.Length; i++)
        {
            var alone = engine.Predict(rows[i]);
            Assert.All(alone.Score.Zip(batched[i]), pair => Assert.Equal(pair.First, pair.Second, 5));
        }
    }

    [Fact]
    public void The_predicted_label_is_the_class_of_the_highest_score()
    {
        using var engine = Engine();
        var labels = default(VBuffer<ReadOnlyMemory<char>>);
        engine.OutputSchema["Score"].GetSlotNames(ref labels);
        foreach (var row in DotTask.Rows(12))
        {
            var prediction = engine.Predict(row);
            Assert.Equal(1, prediction.Score.Sum(), 5);
            var best = Array.IndexOf(prediction.Score, prediction.Score.Max());
            Assert.Equal(labels.GetItemOrDefault(best).ToString(), prediction.Predicted);
        }
    }

    [Fact]
    public void Only_the_columns_that_are_asked_for_are_active()
    {
        var scored = _model.Transform(DotTask.Data(_ml, 40));
        using var cursor = scored.GetRowCursor([scored.Schema["Number"]]);
        Assert.True(cursor.MoveNext());
        Assert.True(cursor.IsColumnActive(scored.Schema["Number"]));
        Assert.False(cursor.IsColumnActive(scored.Schema["Score"]));
        Assert.Throws<InvalidOperationException>(() => cursor.GetGetter<VBuffer<float>>(scored.Schema["Score"]));
    }

    [Fact]
    public void A_getter_of_the_wrong_type_is_refused()
    {
        var transformed = Scorer().Transform(Keyed(DotTask.Data(_ml, 3)));
        using var cursor = transformed.GetRowCursor(transformed.Schema);
        var error = Assert.ThrowsAny<InvalidOperationException>(() => cursor.GetGetter<float>(transformed.Schema["Score"]));
        Assert.Contains("Score", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_consumer_may_write_into_what_it_was_given()
    {
        var transformed = Scorer().Transform(Keyed(DotTask.Data(_ml, 5)));
        using var cursor = transformed.GetRowCursor(transformed.Schema);
        var getter = cursor.GetGetter<VBuffer<float>>(transformed.Schema["Image"]);
        Assert.True(cursor.MoveNext());
        VBuffer<float> first = default, again = default;
        getter(ref first);
        var expected = first.DenseValues().ToArray();
        VBufferEditor.CreateFromBuffer(ref first).Values.Clear();
        getter(ref again);
        Assert.Equal(expected, again.DenseValues());
    }

    [Fact]
    public void A_cursor_can_be_left_at_any_row()
    {
        var scored = _model.Transform(DotTask.Data(_ml, 100));
        for (var rows = 0; rows < 70; rows += 23)
        {
            using var cursor = scored.GetRowCursor(scored.Schema);
            for (var i = 0; i < rows; i++)
            {
                Assert.True(cursor.MoveNext());
            }
        }
    }

    [Fact]
    public void Before_the_first_row_there_is_no_value()
    {
        var transformed = Scorer().Transform(Keyed(DotTask.Data(_ml, 3)));
        using var cursor = transformed.GetRowCursor(transformed.Schema);
        var getter = cursor.GetGetter<uint>(transformed.Schema["PredictedLabel"]);
        Assert.Equal(-1, cursor.Position);
        Assert.Throws<InvalidOperationException>(() =>
        {
            uint value = 0;
            getter(ref value);
        });
    }

    [Fact]
    public void Several_threads_get_the_scores_that_one_gets()
    {
        var expected = DotTask.Scores(_model.Transform(DotTask.Data(_ml, 50)));
        Parallel.For(0, 4, new ParallelOptions { MaxDegreeOfParallelism = 4 }, _ =>
            Assert.Equal(expected, DotTask.Scores(_model.Transform(DotTask.Data(new MLContext(), 50)))));
    }

    [Fact]
    public void The_columns_carry_the_annotations_that_ml_net_looks_for()
    {
        var schema = Scorer().GetOutputSchema(Keyed(DotTask.Data(_ml, 3)).Schema);
        var score = schema["Score"];
        Assert.Equal(3, ((VectorDataViewType)score.Type).Size);
        Assert.Equal(
            ["SlotNames", "TrainingLabelValues", "ScoreColumnSetId", "ScoreColumnKind", "ScoreValueKind"],
            score.Annotations.Schema.Select(column => column.Name));
        Assert.Equal("MulticlassClassification", Annotation(score, "ScoreColumnKind"));
        Assert.Equal("Score", Annotation(score, "ScoreValueKind"));

        var predicted = schema["PredictedLabel"];
        Assert.Equal(new KeyDataViewType(typeof(uint), 3), predicted.Type);
        var keys = default(VBuffer<ReadOnlyMemory<char>>);
        predicted.GetKeyValues(ref keys);
        Assert.Equal(["top", "middle", "bottom"], keys.DenseValues().Select(key => key.ToString()));
    }

    [Fact]
    public void Numbers_as_labels_come_back_as_numbers()
    {
        var rows = DotTask.Rows(30).Select((row, i) => new NumberedRow { Label = 10f + i % 3, Image = row.Image });
        var data = _ml.Data.LoadFromEnumerable(rows.ToArray());
        var options = DotTask.Options(o => o.Recipe = DotTask.Recipe with { MaxEpoch = 1 });
        var model = DotTask.Pipeline(_ml, options).Fit(data);
        using (model as IDisposable)
        {
            Assert.All(model.Transform(data).GetColumn<float>("Predicted"), label => Assert.True(label is 10 or 11 or 12));
        }
    }

    [Fact]
    public void Data_without_the_image_column_is_refused_by_name()
    {
        var data = _ml.Data.LoadFromEnumerable(new[] { new { Label = "top", Photo = 1f } });
        var error = Assert.Throws<ArgumentException>(() => Scorer().Transform(data));
        Assert.Contains("no column 'Image'", error.Message, StringComparison.Ordinal);
        Assert.Contains("Label, Photo", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_image_scores_the_same_as_image_as_file_bytes_and_as_pixel_vector()
    {
        var png = ColoredPng();
        var options = DotTask.Options(o => o.Recipe = DotTask.Recipe with { MaxEpoch = 1 });
        float[] Score(IDataView data, IDataView train)
        {
            var model = DotTask.Pipeline(_ml, options).Fit(train);
            using (model as IDisposable)
            {
                return DotTask.Scores(model.Transform(data))[0];
            }
        }

        var images = _ml.Data.LoadFromEnumerable(Enumerable.Range(0, 6).Select(i => new ImageRow(png) { Label = $"{i % 2}" }).ToArray());
        var bytes = _ml.Data.LoadFromEnumerable(Enumerable.Range(0, 6).Select(i => new BytesRow { Label = $"{i % 2}", Image = png })
            .ToArray());
        var vectors = _ml.Transforms.ExtractPixels("Image").Fit(images).Transform(images);
        var interleaved = _ml.Transforms.ExtractPixels("Image", interleavePixelColors: true,
            orderOfExtraction: ImagePixelExtractingEstimator.ColorsOrder.ARGB).Fit(images).Transform(images);

        var expected = Score(images, images);
        Assert.Equal(expected, Score(bytes, bytes));
        Assert.Equal(expected, Score(vectors, vectors));
        Assert.Equal(expected, Score(interleaved, interleaved));
    }

    [Fact]
    public void An_image_that_cannot_be_read_stops_training_and_names_row_and_file()
    {
        var data = _ml.Data.LoadFromEnumerable(Broken());
        var error = Assert.Throws<UndecodableImageException>(() => DotTask.Pipeline(_ml, DotTask.Options()).Fit(data));
        Assert.StartsWith("row 4, file broken.png: ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void With_skip_a_broken_image_is_left_out_of_training_and_scores_missing()
    {
        var log = new List<string>();
        _ml.Log += (_, message) => log.Add(message.Message);
        var data = _ml.Data.LoadFromEnumerable(Broken());
        var model = DotTask.Pipeline(_ml, DotTask.Options(o =>
        {
            o.Recipe = DotTask.Recipe with { MaxEpoch = 1 };
            o.Undecodable = UndecodableImagePolicy.Skip;
        })).Fit(data);
        using (model as IDisposable)
        {
            Assert.Contains(log, line => line.Contains("1 training row could not be read", StringComparison.Ordinal)
                && line.Contains("broken.png", StringComparison.Ordinal));
            var scored = model.Transform(data);
            var scores = DotTask.Scores(scored);
            Assert.All(scores[4], score => Assert.True(float.IsNaN(score)));
            Assert.All(scores[3], score => Assert.True(float.IsFinite(score)));
            Assert.Equal(0u, scored.GetColumn<uint>("PredictedLabel").ElementAt(4));
        }
    }

    private static string Annotation(DataViewSchema.Column column, string kind)
    {
        ReadOnlyMemory<char> value = default;
        column.Annotations.GetValue(kind, ref value);
        return value.ToString();
    }

    private static BytesRow[] Broken() =>
        [.. Enumerable.Range(0, 8).Select(i => new BytesRow { Label = $"{i % 2}", ImagePath = i == 4 ? "broken.png"
            : $"{i}.png", Image = i == 4 ? [1, 2, 3] : ColoredPng() })];

    private static byte[] ColoredPng()
    {
        var pixels = new byte[DotTask.Size * DotTask.Size * 4];
        for (var i = 0; i < pixels.Length; i++)
        {
            pixels[i] = i % 4 == 3 ? byte.MaxValue : (byte)(i * 37);
        }
        using var image = MLImage.CreateFromPixels(DotTask.Size, DotTask.Size, MLPixelFormat.Rgba32, pixels);
        var path = Path.Combine(Path.GetTempPath(), $"msvit-{Guid.NewGuid():n}.png");
        image.Save(path);
        var bytes = File.ReadAllBytes(path);
        File.Delete(path);
        return bytes;
    }

    private PredictionEngine<DotRow, DotPrediction> Engine() =>
        _ml.Model.CreatePredictionEngine<DotRow, DotPrediction>(_model, new PredictionEngineOptions { OwnsTransformer = false });

    private MsVitTransformer Scorer() => ((IEnumerable<ITransformer>)_model).OfType<MsVitTransformer>().Single();

    private IDataView Keyed(IDataView data) => ((IEnumerable<ITransformer>)_model).First().Transform(data);

    private sealed class NumberedRow
    {
        public float Label { get; set; }

        [VectorType(3, DotTask.Size, DotTask.Size)]
        public float[] Image { get; set; } = [];
    }

    // ExtractPixels disposes the images that it is given: each reading gets a new one.
    private sealed class ImageRow(byte[] png)
    {
        public string Label { get; set; } = "";

        [ImageType(DotTask.Size, DotTask.Size)]
        public MLImage Image => MLImage.CreateFromStream(new MemoryStream(png));
    }

    private sealed class BytesRow
    {
        public string Label { get; set; } = "";

        public string ImagePath { get; set; } = "";

        public byte[] Image { get; set; } = [];
    }
}
