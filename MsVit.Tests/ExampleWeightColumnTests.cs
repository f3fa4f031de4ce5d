using Microsoft.ML;
using Microsoft.ML.Data;
using MsVit.MLNet;
using MsVit.Tests.Support;

namespace MsVit.Tests;

public sealed class ExampleWeightColumnTests
{
    private readonly MLContext _ml = new(seed: 1);

    [Fact]
    public void Rows_of_weight_zero_teach_nothing_and_are_scored_like_any_other()
    {
        // Each image appears once with its class, and twice with another one and the weight 0.
        var rows = DotTask.Rows(100).SelectMany(row => (WeightedDot[])
            [WeightedDot.Of(row, row.Label, 1), WeightedDot.Of(row, Next(row.Label), 0), WeightedDot.Of(row, Next(row.Label), 0)]);
        var model = Fit(rows, options => options.ValidationFraction = 0);
        using var trained = (IDisposable)model;
        var metrics = _ml.MulticlassClassification.Evaluate(model.Transform(DotTask.Data(_ml, 90, seed: 2)));
        Assert.InRange(metrics.MicroAccuracy, 0.6, 1);

        static string Next(string label) => label switch { "top" => "middle", "middle" => "bottom", _ => "top" };
    }

    [Theory]
    [InlineData(-1f)]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void A_weight_that_cannot_be_is_refused_with_its_row(float weight)
    {
        var rows = DotTask.Rows(30).Select((row, i) => WeightedDot.Of(row, row.Label, i == 17 ? weight : 1));
        var error = Assert.Throws<InvalidDataException>(() => Fit(rows));
        Assert.Equal($"row 17: the example weight in column 'Weight' is {weight}; expected a finite number of 0 or more.", error.Message);
    }

    [Fact]
    public void Weights_that_are_all_zero_are_refused()
    {
        var error = Assert.Throws<InvalidOperationException>(
            () => Fit(DotTask.Rows(30).Select(row => WeightedDot.Of(row, row.Label, 0))));
        Assert.StartsWith("Every training sample has the example weight 0", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Nothing", "'Nothing'")]
    [InlineData("Number", "Int32")]
    [InlineData("Image", "Vector")]
    public void A_column_that_holds_no_weights_is_refused_before_training(string column, string part)
    {
        var data = _ml.Data.LoadFromEnumerable(DotTask.Rows(30).Select(row => WeightedDot.Of(row, row.Label, 1)));
        // A pipeline checks the schemas of its steps before it fits them; the trainer alone checks the rows that it is given.
        var options = DotTask.Options(options => options.ExampleWeightColumnName = column);
        var pipeline = DotTask.Pipeline(_ml, options);
        Assert.Contains(part, Refused(() => pipeline.Fit(data)), StringComparison.Ordinal);
        var keyed = _ml.Transforms.Conversion.MapValueToKey("Label").Fit(data).Transform(data);
        var trainer = _ml.MulticlassClassification.Trainers.MsVit(options);
        Assert.Contains(part, Refused(() => trainer.Fit(keyed)), StringComparison.Ordinal);
    }

    [Fact]
    public void The_column_is_named_as_other_trainers_name_it()
    {
        var trainer = _ml.MulticlassClassification.Trainers.MsVit(network: DotTask.Network, exampleWeightColumnName: "Weight");
        var pipeline = _ml.Transforms.Conversion.MapValueToKey("Label").Append(trainer);
        Assert.Contains("'Weight'", Refused(() => pipeline.Fit(DotTask.Data(_ml, 30))), StringComparison.Ordinal);
    }

    [Fact]
    public void Other_weights_are_another_run()
    {
        using var store = new SampleStore(1, 1 << 10, Path.GetTempPath());
        store.Add([7], 0);
        store.Add([9], 1);
        store.Seal();
        var samples = SampleSet.All(store, new(1, 1, 1, IsFloat: false));
        string[] prints =
        [
            DataFingerprint.Of(samples),
            DataFingerprint.Of(samples with { Weights = [1, 1] }),
            DataFingerprint.Of(samples with { Weights = [1, 2] }),
        ];
        Assert.Equal(3, prints.Distinct().Count());
    }

    private static string Refused(Func<object> fit) => Assert.ThrowsAny<Exception>(() =>
    {
        _ = fit();
    }).Message;

    private ITransformer Fit(IEnumerable<WeightedDot> rows, Action<MsVitOptions>? change = null)
    {
        var options = DotTask.Options(options => options.ExampleWeightColumnName = "Weight");
        change?.Invoke(options);
        return DotTask.Pipeline(_ml, options).Fit(_ml.Data.LoadFromEnumerable(rows));
    }

    public sealed class WeightedDot
    {
        public string Label { get; set; } = "";

        [VectorType(3, DotTask.Size, DotTask.Size)]
        public float[] Image { get; set; } = [];

        public int Number { get; set; }

        public float Weight { get; set; }

        public static WeightedDot Of(DotRow row, string label, float weight) =>
            new() { Label = label, Image = row.Image, Number = row.Number, Weight = weight };
    }
}
