using Microsoft.ML;
using Microsoft.ML.Data;
using MsVit.MLNet;
using MsVit.Tests.Support;

namespace MsVit.Tests;

public sealed class TeacherColumnTests : IDisposable
{
    private const int Width = 6;

    private readonly TemporaryFolder _folder = new();
    private readonly MLContext _ml = new(seed: 1);
    private readonly List<string> _log = [];

    public TeacherColumnTests() => _ml.Log += (_, e) =>
    {
        lock (_log)
        {
            _log.Add(e.Message);
        }
    };

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Rows_without_a_label_learn_from_the_teacher_and_are_never_held_out()
    {
        var reports = new List<TrainingProgress>();
        // One row in four has a label.
        var rows = DotTask.Rows(120).Select((row, i) => TaughtDot.Of(row, i % 4 == 0 ? row.Label : null, Features(row)));
        using var model = (IDisposable)Fit(rows, options => options.Progress = reports.Add);
        Assert.Contains(_log, line => line.Contains("90 training rows have no label and learn from the teacher alone.", Invariant));
        Assert.Contains(_log, line => line.Contains("teacher's loss ", Invariant));
        // Three of the thirty labeled rows are held out.
        var card = MsVitPipeline.Of((ITransformer)model, "model").Model.Model.Card.Training;
        Assert.Equal((117, 90, 3), (card.TrainSamples, card.UnlabeledSamples, card.ValidationSamples));
        Assert.Contains("117 samples (90 unlabeled), a teacher of features", card.ToText(), Invariant);
        Assert.Equal(new TeacherRecipe(), card.Recipe.Teacher);
        Assert.True(reports[^1].TeacherLoss < 0.9 * reports[0].TeacherLoss, $"{reports[0].TeacherLoss} to {reports[^1].TeacherLoss}");
        Assert.Contains($", teacher {reports[^1].TeacherLoss:0.000}, ", reports[^1].ToString(), Invariant);
        Assert.Equal(reports[^1].TeacherLoss, reports[^1].Record!.TeacherLoss);
    }

    [Fact]
    public void Scores_of_a_teacher_alone_make_a_model_that_predicts()
    {
        // The key's classes are in the order of their first appearance: top, middle, bottom.
        var rows = DotTask.Rows(120).Select((row, i) => TaughtDot.Of(
            row, i < 3 ? row.Label : null, [.. ((string[])["top", "middle", "bottom"]).Select(name => name == row.Label ? 1f : 0)]));
        using var model = (IDisposable)Fit(rows, options =>
        {
            options.ValidationFraction = 0;
            options.Recipe = options.Recipe with { Teacher = new() { Kind = TeacherKind.Scores } };
        }, width: 3);
        var metrics = _ml.MulticlassClassification.Evaluate(((ITransformer)model).Transform(DotTask.Data(_ml, 90, seed: 2)));
        Assert.InRange(metrics.MicroAccuracy, 0.6, 1);
    }

    [Fact]
    public void Rows_that_all_lack_a_label_are_learned_from_with_a_warning()
    {
        var rows = DotTask.Rows(60).Select(row => TaughtDot.Of(row, row.Label, Features(row)));
        var data = _ml.Data.LoadFromEnumerable(rows, Schema(Width));
        // A mapping of other labels: every key is missing.
        var keys = _ml.Data.LoadFromEnumerable((TaughtDot[])[new() { Label = "a" }, new() { Label = "b" }]);
        var keyed = _ml.Transforms.Conversion.MapValueToKey("Label", keyData: _ml.Data.LoadFromEnumerable(
            (Name[])[new() { Label = "a" }, new() { Label = "b" }])).Fit(keys).Transform(data);
        var reports = new List<TrainingProgress>();
        using var model = _ml.MulticlassClassification.Trainers.MsVit(Options(options => options.Progress = reports.Add)).Fit(keyed);
        Assert.Contains(_log, line => line.StartsWith("No training row has a label", Invariant)
            || line.Contains("No training row has a label", Invariant));
        Assert.True(double.IsNaN(reports[^1].TrainLoss));
        Assert.DoesNotContain("accuracy", reports[^1].ToString(), Invariant);
    }

    [Fact]
    public void A_cancelled_run_with_a_teacher_goes_on_to_the_same_weights()
    {
        var rows = DotTask.Rows(120).Select((row, i) => TaughtDot.Of(row, i % 4 == 0 ? row.Label : null, Features(row))).ToArray();
        Action<MsVitOptions> set = options =>
        {
            options.Recipe = options.Recipe with
            {
                MaxEpoch = 4,
                WeightAverageDecay = 0.9,
                Images = options.Recipe.Images with { Mixing = new() },
            };
            options.CheckpointPath = _folder.Path;
        };
        using var whole = (IDisposable)Fit(rows, set + (options => options.CheckpointPath = null));
        using var cancel = new CancellationTokenSource();
        using var part = (IDisposable)Fit(rows, set + (options =>
        {
            options.CancellationToken = cancel.Token;
            options.Progress = report =>
            {
                if (report is { Epoch: 2, EpochEnded: true })
                {
                    cancel.Cancel();
                }
            };
        }));
        Assert.NotEqual(KilledRun.Weights((ITransformer)whole), KilledRun.Weights((ITransformer)part));
        var epochs = new List<int>();
        using var rest = (IDisposable)Fit(rows, set + (options => options.Progress = report => epochs.Add(report.Epoch)));
        Assert.Equal(3, epochs.Min());
        Assert.Equal(KilledRun.Weights((ITransformer)whole), KilledRun.Weights((ITransformer)rest));
        // Another teacher is another run.
        rows[7].Teacher = [.. rows[7].Teacher.Select(value => value + 1)];
        Assert.Contains("samples differ", Assert.Throws<InvalidOperationException>(() => Fit(rows, set)).Message, Invariant);
    }

    [Fact]
    public void The_model_holds_nothing_of_the_teacher_and_needs_no_column()
    {
        using var model = (IDisposable)Fit(DotTask.Rows(60).Select(row => TaughtDot.Of(row, row.Label, Features(row))));
        var network = MsVitPipeline.Of((ITransformer)model, "model").Model.Model.Network;
        Assert.DoesNotContain(network.state_dict().Keys, key => key.Contains("teacher", Invariant));
        Assert.Equal(30, DotTask.Scores(((ITransformer)model).Transform(DotTask.Data(_ml, 30))).Length);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.NegativeInfinity)]
    public void A_vector_that_is_not_finite_is_refused_with_its_row(float value)
    {
        var rows = DotTask.Rows(30).Select(
            (row, i) => TaughtDot.Of(row, row.Label, i == 17 ? [0, 0, value, 0, 0, 0] : Features(row)));
        var error = Assert.Throws<InvalidDataException>(() => Fit(rows));
        Assert.Equal($"row 17: value 2 of the teacher's vector in column 'Teacher' is {value}; expected a finite number.", error.Message);
    }

    [Theory]
    [InlineData("Nothing", "'Nothing'")]
    [InlineData("Number", "Int32")]
    [InlineData("Label", "String")]
    public void A_column_that_holds_no_vectors_is_refused_before_training(string column, string part)
    {
        var data = _ml.Data.LoadFromEnumerable(DotTask.Rows(30).Select(row => TaughtDot.Of(row, row.Label, Features(row))), Schema(Width));
        var options = DotTask.Options(options => options.TeacherColumnName = column);
        var pipeline = DotTask.Pipeline(_ml, options);
        Assert.ThrowsAny<Exception>(() => pipeline.Fit(data));
        var keyed = _ml.Transforms.Conversion.MapValueToKey("Label").Fit(data).Transform(data);
        var trainer = _ml.MulticlassClassification.Trainers.MsVit(options);
        var error = Assert.ThrowsAny<Exception>(() => trainer.Fit(keyed));
        Assert.Contains(column == "Label" ? "Key" : part, error.Message, Invariant);
    }

    [Fact]
    public void Scores_of_another_number_of_classes_are_refused()
    {
        var error = Assert.ThrowsAny<ArgumentException>(() => Fit(
            DotTask.Rows(30).Select(row => TaughtDot.Of(row, row.Label, Features(row))),
            options => options.Recipe = options.Recipe with { Teacher = new() { Kind = TeacherKind.Scores } }));
        Assert.Contains("the label 'Label' has 3 classes, and the teacher's column 'Teacher' has 6 values", error.Message, Invariant);
    }

    [Fact]
    public void A_recipe_with_a_teacher_needs_a_column()
    {
        var error = Assert.Throws<ArgumentException>(() => _ml.MulticlassClassification.Trainers.MsVit(
            DotTask.Options(options => options.Recipe = options.Recipe with { Teacher = new() { Weight = -1 } })));
        Assert.Contains("Recipe.Teacher is set and TeacherColumnName is null", error.Message, Invariant);
        Assert.Contains("Recipe.Teacher.Weight is -1; it must be a finite number above 0.", error.Message, Invariant);
    }

    [Fact]
    public void Values_of_the_teacher_are_set_by_name_and_written_to_recipes()
    {
        var options = new MsVitOptions().With(
            new("TeacherColumnName", "Vectors"), new("Teacher.Kind", "Scores"), new("Recipe.Teacher.Temperature", "4"));
        Assert.Equal("Vectors", options.TeacherColumnName);
        Assert.Equal(new TeacherRecipe { Kind = TeacherKind.Scores, Temperature = 4 }, options.Recipe.Teacher);
        Assert.Equal(options.Recipe, TrainingRecipe.FromJson(options.Recipe.ToJson()));
    }

    private const StringComparison Invariant = StringComparison.Ordinal;

    // What a teacher could see: the place of the dot, and a few functions of it.
    private static float[] Features(DotRow row)
    {
        var third = row.Number % 3;
        return [third, third * third, third == 1 ? 5 : 0, -third, third == 0 ? 1 : 0, 7];
    }

    private static SchemaDefinition Schema(int width)
    {
        var schema = SchemaDefinition.Create(typeof(TaughtDot));
        schema["Teacher"].ColumnType = new VectorDataViewType(NumberDataViewType.Single, width);
        return schema;
    }

    private static MsVitOptions Options(Action<MsVitOptions>? change) => DotTask.Options(options =>
    {
        options.TeacherColumnName = "Teacher";
        change?.Invoke(options);
    });

    private ITransformer Fit(IEnumerable<TaughtDot> rows, Action<MsVitOptions>? change = null, int width = Width) =>
        DotTask.Pipeline(_ml, Options(change)).Fit(_ml.Data.LoadFromEnumerable(rows, Schema(width)));

    public sealed class Name
    {
        public string Label { get; set; } = "";
    }

    public sealed class TaughtDot
    {
        public string? Label { get; set; }

        [VectorType(3, DotTask.Size, DotTask.Size)]
        public float[] Image { get; set; } = [];

        public int Number { get; set; }

        public float[] Teacher { get; set; } = [];

        public static TaughtDot Of(DotRow row, string? label, float[] teacher) =>
            new() { Label = label, Image = row.Image, Number = row.Number, Teacher = teacher };
    }
}
