using Microsoft.ML;
using MsVit.Tests.Support;

namespace MsVit.Tests.Training;

public sealed class HeldOutTests
{
    private readonly MLContext _ml = new(seed: 1);

    [Fact]
    public void Few_held_out_samples_are_a_warning_with_their_standard_error_and_what_to_do()
    {
        // 10 % of 120 samples of three classes: 4 of each.
        var warning = Assert.Single(Warnings(DotTask.Rows(120), 0.1));
        Assert.Equal("The best epoch is chosen on 12 samples of 3 classes, on which the accuracy has a standard error of up to 14 "
            + "percentage points. Use more data, or set ValidationFraction = 0 to train on all samples and keep the last epoch.", warning);
    }

    [Fact]
    public void A_class_with_fewer_than_two_held_out_samples_is_named()
    {
        var rows = DotTask.Rows(600).Where((row, i) => row.Label != "bottom" || i < 30);
        var warning = Assert.Single(Warnings(rows, 0.14));
        Assert.Equal("The best epoch is chosen on 57 samples of 3 classes; fewer than 2 of them are of bottom. Use more data, or set "
            + "ValidationFraction = 0 to train on all samples and keep the last epoch.", warning);
    }

    [Fact]
    public void Classes_that_are_too_small_to_hold_one_out_are_a_warning()
    {
        var warning = Assert.Single(Warnings(DotTask.Rows(9), 0.1));
        Assert.StartsWith("ValidationFraction is 0.1, but no class has enough samples to hold one out", warning, StringComparison.Ordinal);
    }

    [Fact]
    public void A_validation_set_that_was_given_asks_for_more_rows()
    {
        var warning = Assert.Single(Warnings(DotTask.Rows(60), 0.1, DotTask.Rows(15, seed: 2)));
        Assert.EndsWith("percentage points. Give Fit more validation rows.", warning, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(60, 0)]
    [InlineData(600, 0.1)]
    public void Nothing_is_said_of_enough_samples_or_of_none(int rows, double fraction) =>
        Assert.Empty(Warnings(DotTask.Rows(rows), fraction));

    private List<string> Warnings(IEnumerable<DotRow> rows, double fraction, IEnumerable<DotRow>? validation = null)
    {
        var lines = new List<string>();
        _ml.Log += (_, message) =>
        {
            if (message.Kind == Microsoft.ML.Runtime.ChannelMessageKind.Warning)
            {
                lines.Add(message.RawMessage);
            }
        };
        var keys = _ml.Transforms.Conversion.MapValueToKey("Label").Fit(_ml.Data.LoadFromEnumerable(DotTask.Rows(9)));
        var trainer = _ml.MulticlassClassification.Trainers.MsVit(DotTask.Options(options =>
        {
            options.ValidationFraction = fraction;
            options.Recipe = DotTask.Recipe with { MaxEpoch = 1 };
        }));
        trainer.Fit(Rows(rows), validation is null ? null : Rows(validation)).Dispose();
        return lines;

        IDataView Rows(IEnumerable<DotRow> rows) => keys.Transform(_ml.Data.LoadFromEnumerable(rows));
    }
}
