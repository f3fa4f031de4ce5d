using MsVit.MLNet;

namespace MsVit.Tests.Training.Schedule;

public sealed class WarmupCosineTests
{
    private static readonly WarmupCosine Schedule = new(Peak: 1, Minimum: 0.1, WarmupSteps: 4, TotalSteps: 104);

    [Fact]
    public void The_warm_up_rises_in_equal_parts_to_the_peak()
    {
        double[] rates = [.. Enumerable.Range(0, 5).Select(step => Schedule.At(step))];
        Assert.Equal([0.2, 0.4, 0.6, 0.8, 1.0], rates, (a, b) => Math.Abs(a - b) < 1e-12);
    }

    [Fact]
    public void Half_way_through_the_cosine_the_rate_is_half_way_to_the_minimum() =>
        Assert.Equal(0.55, Schedule.At(54), 12);

    [Fact]
    public void After_the_end_the_rate_stays_at_the_minimum()
    {
        Assert.Equal(0.1, Schedule.At(104), 12);
        Assert.Equal(0.1, Schedule.At(100_000), 12);
    }

    [Fact]
    public void The_rate_never_rises_after_the_warm_up() =>
        Assert.All(Enumerable.Range(4, 110), step => Assert.True(Schedule.At(step + 1) <= Schedule.At(step)));
}
