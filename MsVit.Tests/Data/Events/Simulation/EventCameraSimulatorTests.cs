using MsVit.MLNet;
using MsVit.MLNet.Events;

namespace MsVit.Tests.Data.Events.Simulation;

public sealed class EventCameraSimulatorTests
{
    private static readonly SensorSize One = new(1, 1);

    /// <summary>ln 2 = 0.6931: the threshold of 0.2 is crossed after 0.2 / 0.6931, 0.4 / 0.6931 and 0.6 / 0.6931 of the way.</summary>
    [Theory]
    [InlineData(20, 40, true)]
    [InlineData(100, 50, false)]
    public void A_doubling_makes_three_events_at_even_distances_of_log_intensity(byte from, byte to, bool on)
    {
        var camera = new EventCameraSimulator(One, EventCameraOptions.Ideal);
        Assert.Empty(camera.Next([from], 5000).ToArray());
        var events = camera.Next([to], 6000).ToArray();
        Assert.Equal([new(5288, 0, 0, on), new(5577, 0, 0, on), new CameraEvent(5865, 0, 0, on)], events);
    }

    [Fact]
    public void What_is_left_below_the_threshold_is_kept_for_the_next_image()
    {
        var camera = new EventCameraSimulator(One, EventCameraOptions.Ideal with { ThresholdOn = 0.5 });
        camera.Next([20f], 0);
        Assert.Single(camera.Next([40f], 1000).ToArray()); // ln 2 = 0.69: one event, 0.19 left
        Assert.Empty(camera.Next([50f], 2000).ToArray()); // and ln 1.25 = 0.22 makes 0.42
        Assert.Single(camera.Next([55f], 3000).ToArray()); // and ln 1.1 = 0.1
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(10, 0)]
    [InlineData(0, 2000)]
    [InlineData(20, 700)]
    public void A_pixel_does_what_a_walk_through_every_microsecond_does(double leak, long refractory)
    {
        var camera = new EventCameraSimulator(One, EventCameraOptions.Ideal with { LeakRate = leak, RefractoryPeriod = refractory });
        var slow = new SlowSimulator(0.2, leak * 0.2 / 1e6, refractory);
        var random = new RandomStream(1, (ulong)leak, (ulong)refractory);
        var events = new List<CameraEvent>();
        for (int step = 0, time = 0; step < 60; step++, time += 500 + random.NextInt(5000))
        {
            var gray = (byte)random.NextInt(256);
            events.AddRange(camera.Next([gray], time));
            if (step == 0)
            {
                slow.Begin(SlowSimulator.Log(gray));
            }
            else
            {
                slow.Follow(SlowSimulator.Log(gray), time);
            }
        }
        Assert.InRange(events.Count, 10, 1000);
        Assert.Equal(slow.Events.Select(e => e.On), events.Select(e => e.On));
        Assert.All(slow.Events.Zip(events), pair => Assert.InRange(pair.Second.Time - pair.First.Time, -1, 1));
    }

    [Fact]
    public void A_leaking_pixel_fires_on_at_its_rate_where_nothing_moves()
    {
        var camera = new EventCameraSimulator(One, EventCameraOptions.Ideal with { LeakRate = 10 });
        camera.Next([77f], 0);
        var events = camera.Next([77f], 1_050_000).ToArray();
        Assert.All(events, e => Assert.True(e.On));
        Assert.Equal(Enumerable.Range(1, 10).Select(i => i * 100_000L), events.Select(e => (e.Time + 1) / 10 * 10));
    }

    [Theory]
    [InlineData(0, 100)]
    [InlineData(255, 25)]
    public void Noise_fires_both_ways_at_its_rate_and_a_quarter_of_it_in_the_light(byte gray, double expected)
    {
        var sensor = new SensorSize(50, 40);
        var camera = new EventCameraSimulator(sensor, EventCameraOptions.Ideal with { ShotNoiseRate = 100 });
        var image = Enumerable.Repeat(gray, 2000).ToArray();
        var events = new List<CameraEvent>();
        for (var time = 0; time <= 500_000; time += 1000)
        {
            events.AddRange(camera.Next(image, time));
        }
        Assert.InRange(events.Count / 2000 / 0.5, expected * 0.95, expected * 1.05);
        Assert.InRange(events.Count(e => e.On) / (double)events.Count, 0.48, 0.52);
    }

    [Fact]
    public void Thresholds_differ_from_pixel_to_pixel_by_the_deviation()
    {
        var sensor = new SensorSize(100, 100);
        var camera = new EventCameraSimulator(sensor, EventCameraOptions.Ideal with { ThresholdOn = 0.5, ThresholdDeviation = 0.05 });
        camera.Next(Enumerable.Repeat(20f, 10_000).ToArray(), 0);
        var first = camera.Next(Enumerable.Repeat(200f, 10_000).ToArray(), 1_000_000).ToArray().GroupBy(e => (e.X, e.Y))
            .Select(g => g.Min(e => e.Time));
        var thresholds = first.Select(time => time / 1e6 * Math.Log(10)).ToArray();
        var mean = thresholds.Average();
        Assert.Equal(10_000, thresholds.Length);
        Assert.InRange(mean, 0.498, 0.502);
        Assert.InRange(Math.Sqrt(thresholds.Average(c => (c - mean) * (c - mean))), 0.048, 0.052);
    }

    [Fact]
    public void Events_come_by_time_and_depend_on_seed_and_number_alone()
    {
        var events = Record(1, 2);
        Assert.Equal(events, Record(1, 2));
        Assert.NotEqual(events, Record(1, 3));
        Assert.NotEqual(events, Record(2, 2));
        Assert.Equal(events.OrderBy(e => e.Time), events);

        static CameraEvent[] Record(ulong seed, ulong number)
        {
            var camera = new EventCameraSimulator(new(16, 16), seed: seed, number: number);
            var random = new RandomStream(9, 9, 9);
            var events = new List<CameraEvent>();
            for (var time = 0; time < 20_000; time += 1000)
            {
                var images = new byte[256];
                foreach (ref var gray in images.AsSpan())
                {
                    gray = (byte)random.NextInt(256);
                }
                events.AddRange(camera.Next(images, time));
            }
            return [.. events];
        }
    }

    [Fact]
    public void Wrong_images_times_and_options_are_rejected()
    {
        var camera = new EventCameraSimulator(One);
        Assert.Throws<ArgumentException>(() => camera.Next([1f, 2f], 0).Length);
        camera.Next([1f], 10);
        Assert.Throws<ArgumentException>(() => camera.Next([1f], 10).Length);
        Assert.Throws<ArgumentException>(() => camera.Next([1f], long.MaxValue).Length);
        Assert.Contains("ThresholdOn", Assert.Throws<ArgumentException>(
            () => new EventCameraSimulator(One, new() { ThresholdOn = 0 })).Message, StringComparison.Ordinal);
        Assert.Contains("LeakRate", Assert.Throws<ArgumentException>(
            () => new EventCameraSimulator(One, new() { LeakRate = double.NaN })).Message, StringComparison.Ordinal);
        Assert.Contains("sensor", Assert.Throws<ArgumentException>(() => new EventCameraSimulator(new(0, 1))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Gray_levels_beyond_their_range_are_cut()
    {
        var camera = new EventCameraSimulator(One, EventCameraOptions.Ideal);
        camera.Next([255f], 0);
        Assert.Empty(camera.Next([1e30f], 1000).ToArray());
        var dark = camera.Next([float.NaN], 2000).ToArray().Length;
        Assert.Equal((int)(Math.Log(255) / 0.2), dark);
        Assert.Empty(camera.Next([-5f], 3000).ToArray());
    }
}
