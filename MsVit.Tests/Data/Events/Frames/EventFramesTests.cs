using MsVit.MLNet.Events;

namespace MsVit.Tests.Data.Events.Frames;

public sealed class EventFramesTests
{
    private static readonly SensorSize Sensor = new(13, 9);

    [Theory]
    [InlineData(1, 1)]
    [InlineData(10, 4)]
    [InlineData(1000, 7)]
    [InlineData(20_000, 16)]
    public void Frames_by_number_are_those_of_spikingjelly(int count, int steps)
    {
        var events = RandomEvents.Rising(count, Sensor);
        AssertEqual(SlowFrames.ByNumber(events, steps, Sensor), EventFrames.Of(events, new() { TimeSteps = steps }, Sensor));
    }

    [Theory]
    [InlineData(100, 4, 50)]
    [InlineData(20_000, 16, 50)]
    [InlineData(20_000, 10, 1)]
    [InlineData(300, 3, 100_000_000)]
    public void Frames_by_time_are_those_of_spikingjelly(int count, int steps, int gap)
    {
        var events = RandomEvents.Rising(count, Sensor, gap);
        AssertEqual(SlowFrames.ByTime(events, steps, Sensor),
            EventFrames.Of(events, new() { TimeSteps = steps, Split = EventSplit.Time }, Sensor));
    }

    [Theory]
    [InlineData(1000, 10_000)]
    [InlineData(5000, 777)]
    [InlineData(5000, 1_000_000)]
    public void Frames_of_windows_are_those_of_spikingjelly(int count, long window)
    {
        var events = RandomEvents.Rising(count, Sensor);
        var options = new EventFrameOptions { TimeSteps = 0, Split = EventSplit.Window, Window = window };
        AssertEqual(SlowFrames.ByWindow(events, window, Sensor), EventFrames.Of(events, options, Sensor));
    }

    [Theory]
    [InlineData(EventSplit.Number)]
    [InlineData(EventSplit.Time)]
    [InlineData(EventSplit.Window)]
    public void Fewer_events_than_frames_lose_none(EventSplit split)
    {
        CameraEvent[] events = [new(5, 1, 1, true), new(5, 2, 2, false), new(5, 1, 1, true)];
        var frames = EventFrames.Of(events, new() { TimeSteps = 8, Split = split }, Sensor);
        var expected = split == EventSplit.Window ? 0 : 7; // floor(3 / 8) = 0 events or microseconds: all in the last frame
        Assert.Equal((2, 1), (frames[expected, 1, 1, 1], frames[expected, 0, 2, 2]));
        Assert.Equal(3, Sum(frames));
    }

    [Theory]
    [InlineData(EventSplit.Number, 4)]
    [InlineData(EventSplit.Time, 4)]
    [InlineData(EventSplit.Window, 4)]
    [InlineData(EventSplit.Window, 0)]
    public void A_recording_without_events_is_empty_frames(EventSplit split, int steps)
    {
        var frames = EventFrames.Of([], new() { TimeSteps = steps, Split = split }, Sensor);
        Assert.Equal(Math.Max(1, steps), frames.TimeSteps);
        Assert.Equal(0, Sum(frames));
    }

    [Fact]
    public void Times_in_any_order_give_the_frames_of_the_sorted_events()
    {
        var jumbled = RandomEvents.Jumbled(5000, Sensor);
        foreach (var split in new[] { EventSplit.Time, EventSplit.Window })
        {
            var options = new EventFrameOptions { TimeSteps = 6, Split = split, Window = 20_000 };
            var sorted = EventFrames.Of([.. jumbled.OrderBy(e => e.Time)], options, Sensor);
            Assert.Equal(sorted.Bytes, EventFrames.Of(jumbled, options, Sensor).Bytes);
        }
    }

    [Fact]
    public void A_stretch_of_time_without_events_is_an_empty_frame()
    {
        CameraEvent[] events = [new(0, 0, 0, true), new(24, 1, 0, true), new(99, 2, 0, true), new(100, 3, 0, true)];
        var frames = EventFrames.Of(events, new() { TimeSteps = 4, Split = EventSplit.Time }, Sensor);
        Assert.Equal([2, 0, 0, 2], Enumerable.Range(0, 4).Select(t => Enumerable.Range(0, Sensor.Width).Sum(x => frames[t, 1, 0, x])));
    }

    [Fact]
    public void Events_after_the_last_of_a_fixed_number_of_windows_are_left_out_and_counted()
    {
        CameraEvent[] events = [new(10, 0, 0, true), new(19, 1, 0, true), new(20, 2, 0, true), new(30, 3, 0, true), new(31, 4, 0, true)];
        var frames = EventFrames.Of(events, new() { TimeSteps = 2, Split = EventSplit.Window, Window = 10 }, Sensor);
        Assert.Equal((2, 1, 2L), (Sum(frames) - frames[1, 1, 0, 2], frames[1, 1, 0, 2], frames.LeftOut));
    }

    [Fact]
    public void Times_at_both_ends_of_their_range_are_cut_without_overflow()
    {
        CameraEvent[] events = [new(long.MinValue, 0, 0, true), new(long.MaxValue, 1, 0, true), new(-2, 2, 0, true)];
        var frames = EventFrames.Of(events, new() { TimeSteps = 2, Split = EventSplit.Time }, Sensor);
        Assert.Equal((1, 1, 1), (frames[0, 1, 0, 0], frames[1, 1, 0, 1], frames[0, 1, 0, 2]));
        var all = new EventFrameOptions { TimeSteps = 0, Split = EventSplit.Window, Window = 1 };
        Assert.Contains("windows", Assert.Throws<ArgumentException>(() => EventFrames.Of(events, all, Sensor)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Merging_the_polarities_adds_the_two_channels()
    {
        var events = RandomEvents.Rising(3000, Sensor);
        var (two, one) = (EventFrames.Of(events, new(), Sensor), EventFrames.Of(events, new() { MergePolarity = true }, Sensor));
        Assert.Equal((2, 1), (two.Channels, one.Channels));
        for (var t = 0; t < 16; t++)
        {
            Assert.Equal(two[t, 0, 3, 4] + two[t, 1, 3, 4], one[t, 0, 3, 4]);
        }
        Assert.Equal(Sum(two), Sum(one));
    }

    internal static void AssertEqual(int[,,,] expected, EventFrames actual)
    {
        Assert.Equal(
            [expected.GetLength(0), expected.GetLength(1), expected.GetLength(2), expected.GetLength(3)],
            [actual.TimeSteps, actual.Channels, actual.Size.Height, actual.Size.Width]);
        var floats = new float[actual.Length];
        actual.CopyTo(floats);
        Assert.Equal(expected.Cast<int>(), floats.Select(count => (int)count));
    }

    private static int Sum(EventFrames frames)
    {
        var floats = new float[frames.Length];
        frames.CopyTo(floats);
        return (int)floats.Sum();
    }
}
