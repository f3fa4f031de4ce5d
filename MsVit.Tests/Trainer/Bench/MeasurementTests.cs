using MsVit.Trainer.Bench;

namespace MsVit.Tests.Trainer.Bench;

public sealed class MeasurementTests
{
    [Theory]
    [InlineData(new[] { 3.0, 1.0, 2.0 }, 2.0)]
    [InlineData(new[] { 4.0, 1.0, 2.0, 9.0 }, 3.0)]
    [InlineData(new[] { 7.0 }, 7.0)]
    public void The_median_is_the_middle(double[] values, double median) => Assert.Equal(median, Measurement.Median(values));

    [Fact]
    public void Variants_take_turns_after_one_warm_up_each()
    {
        var order = "";
        Measurement.Of(new() { Quick = true, Repeats = 2 }, () => order += "a", () => order += "b");
        Assert.Equal("ab" + "abab", order);
    }
}
