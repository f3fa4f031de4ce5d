using MsVit.MLNet.Events;

namespace MsVit.Tests.Data.Events.Frames;

public sealed class VoxelAndSurfaceTests
{
    private static readonly SensorSize Sensor = new(6, 5);
    private static readonly EventArea All = new();

    [Fact]
    public void An_event_a_quarter_of_the_way_between_two_bins_gives_them_three_quarters_and_one()
    {
        // Five bins over 400 microseconds lie at 0, 100, ... 400.
        CameraEvent[] events = [new(1000, 0, 0, true), new(1125, 2, 1, false), new(1400, 5, 4, true)];
        var grid = VoxelGrid.Of(events, 5, All, sensor: Sensor);
        Assert.Equal((1f, -0.75f, -0.25f, 1f), (grid[0], grid[30 + 8], grid[60 + 8], grid[120 + 29]));
        Assert.Equal(4, grid.Count(value => value != 0));
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, true)]
    [InlineData(9, false)]
    [InlineData(9, true)]
    public void The_grid_is_the_sum_over_all_events_and_bins(int bins, bool separate)
    {
        var events = RandomEvents.Jumbled(500, Sensor);
        var (first, last) = (events.Min(e => e.Time), events.Max(e => e.Time));
        var plane = Sensor.Width * Sensor.Height;
        var slow = new double[bins * plane * (separate ? 2 : 1)];
        foreach (var e in events)
        {
            var time = (bins - 1) * (e.Time - first) / (double)(last - first);
            for (var b = 0; b < bins; b++)
            {
                var cell = (e.Y * Sensor.Width) + e.X + (separate ? ((2 * b) + (e.On ? 1 : 0)) * plane : b * plane);
                slow[cell] += (e.On || separate ? 1 : -1) * Math.Max(0, 1 - Math.Abs(b - time));
            }
        }
        var grid = VoxelGrid.Of(events, bins, All, separate, Sensor);
        Assert.Equal(slow.Length, grid.Length);
        Assert.All(slow.Zip(grid), pair => Assert.Equal(pair.First, pair.Second, 1e-5));
    }

    [Fact]
    public void Events_of_one_time_are_in_the_first_bin()
    {
        var grid = VoxelGrid.Of([new(7, 0, 0, true), new(7, 0, 0, true)], 3, All, sensor: Sensor);
        Assert.Equal((2f, 2f), (grid[0], grid.Sum()));
        Assert.All(VoxelGrid.Of([], 3, All, sensor: Sensor), value => Assert.Equal(0, value));
    }

    [Fact]
    public void A_surface_has_faded_to_a_third_after_tau()
    {
        CameraEvent[] events = [new(0, 1, 0, true), new(50, 2, 0, false), new(100, 3, 0, true)];
        var surface = TimeSurface.Of(events, timeSteps: 1, decay: 100, All, Sensor);
        Assert.Equal(Math.Exp(-1), surface[30 + 1], 1e-6);
        Assert.Equal(Math.Exp(-0.5), surface[2], 1e-6);
        Assert.Equal(1, surface[30 + 3]);
        Assert.Equal(3, surface.Count(value => value != 0));
    }

    [Fact]
    public void Each_surface_remembers_the_latest_event_of_every_pixel()
    {
        var events = RandomEvents.Rising(400, Sensor);
        const int Steps = 7;
        var surfaces = TimeSurface.Of(events, Steps, 5000, All, Sensor);
        var span = events[^1].Time - events[0].Time;
        for (var k = 0; k < Steps; k++)
        {
            var now = events[0].Time + (span * (k + 1) / Steps);
            for (var cell = 0; cell < 60; cell++)
            {
                var last = events.LastOrDefault(e => e.Time <= now && e.On == cell >= 30 && (e.Y * 6) + e.X == cell % 30);
                var expected = last == default ? 0 : Math.Exp(-(now - last.Time) / 5000.0);
                Assert.Equal(expected, surfaces[(k * 60) + cell], 1e-6);
            }
        }
    }

    [Fact]
    public void Falling_times_and_a_tau_of_zero_are_rejected()
    {
        CameraEvent[] falling = [new(10, 0, 0, true), new(9, 0, 0, true)];
        Assert.Contains("falls", Assert.Throws<ArgumentException>(() => TimeSurface.Of(falling, 2, 10, All, Sensor)).Message,
            StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => TimeSurface.Of([], 2, 0, All, Sensor));
        Assert.Throws<ArgumentOutOfRangeException>(() => VoxelGrid.Of([], 0, All, sensor: Sensor));
    }
}
