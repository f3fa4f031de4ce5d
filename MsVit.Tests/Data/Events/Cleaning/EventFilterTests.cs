using MsVit.MLNet.Events;

namespace MsVit.Tests.Data.Events.Cleaning;

public sealed class EventFilterTests
{
    private static readonly SensorSize Sensor = new(9, 7);

    [Fact]
    public void A_pixel_is_silent_for_the_dead_time_after_a_kept_event()
    {
        CameraEvent[] events = [At(0), At(99), At(100), At(150), At(199), At(201)];
        // 99 is too early; 100 is kept and starts a new dead time; 201 is 101 later. The other polarity shares it.
        Assert.Equal([0, 100, 201], Kept(new RefractoryFilter(Sensor, 100), events).Select(e => e.Time));
        Assert.Single(Kept(new RefractoryFilter(Sensor, 100), [At(0), At(50) with { On = false }]));
        Assert.Equal(2, Kept(new RefractoryFilter(Sensor, 100), [At(0), At(50) with { X = 3 }]).Length);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(300)]
    [InlineData(5000)]
    public void The_refractory_filter_keeps_what_a_search_through_the_kept_events_does(long period)
    {
        var events = RandomEvents.Rising(3000, Sensor, gap: 20);
        var slow = new List<CameraEvent>();
        foreach (var e in events)
        {
            if (!slow.Any(k => (k.X, k.Y) == (e.X, e.Y) && e.Time - k.Time < period))
            {
                slow.Add(e);
            }
        }
        Assert.Equal(slow, Kept(new RefractoryFilter(Sensor, period), events));
    }

    [Fact]
    public void An_event_beside_a_recent_one_is_kept_and_one_alone_is_not()
    {
        CameraEvent[] events =
        [
            new(0, 4, 3, true),    // the first: alone
            new(10, 4, 3, true),   // its own past does not help
            new(20, 5, 4, false),  // diagonally below, 10 later
            new(130, 3, 3, true),  // 120 after (4, 3)
            new(140, 7, 3, true),  // two columns from (5, 4)
            new(140, 8, 3, true),  // beside the dropped one before, at the same time
        ];
        Assert.Equal([events[2], events[5]], Kept(new IsolatedEventFilter(Sensor, 100), events));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(40)]
    [InlineData(300)]
    public void The_isolation_filter_keeps_what_a_search_through_the_past_does(long within)
    {
        var events = RandomEvents.Rising(3000, Sensor, gap: 20);
        var slow = events.Where((e, i) => events.Take(i).Any(other =>
            e.Time - other.Time <= within && Math.Max(Math.Abs(e.X - other.X), Math.Abs(e.Y - other.Y)) == 1));
        Assert.Equal(slow, Kept(new IsolatedEventFilter(Sensor, within), events));
    }

    [Theory]
    [InlineData(long.MinValue)]
    [InlineData(long.MinValue + 1)]
    [InlineData(long.MaxValue)]
    public void Times_at_the_ends_of_their_range_do_not_overflow(long time)
    {
        Assert.Empty(Kept(new IsolatedEventFilter(Sensor, long.MaxValue), [At(time)]));
        Assert.Single(Kept(new RefractoryFilter(Sensor, long.MaxValue), [At(time)]));
    }

    [Fact]
    public void A_recording_in_pieces_is_cleaned_like_the_whole_and_in_place()
    {
        var events = RandomEvents.Rising(2000, Sensor, gap: 20);
        Check(() => new RefractoryFilter(Sensor, 500));
        Check(() => new IsolatedEventFilter(Sensor, 30));
        Check(() => new PixelMaskFilter(Sensor, [(1, 1), (8, 6)]));

        void Check(Func<IEventFilter> make)
        {
            var whole = Kept(make(), events);
            Assert.InRange(whole.Length, 1, events.Length - 1);
            var filter = make();
            Assert.Equal(whole, events.Chunk(33).SelectMany(piece => piece[..filter.Filter(piece, piece)]));
        }
    }

    [Fact]
    public void Only_events_of_masked_pixels_are_dropped()
    {
        var events = RandomEvents.Rising(2000, Sensor);
        Assert.Equal(events.Where(e => (e.X, e.Y) != (8, 6)), Kept(new PixelMaskFilter(Sensor, [(8, 6)]), events));
    }

    [Fact]
    public void Events_and_pixels_outside_the_sensor_and_too_little_room_are_rejected()
    {
        Assert.Throws<ArgumentException>(() => Kept(new RefractoryFilter(Sensor, 1), [new(0, 9, 0, true)]));
        Assert.Throws<ArgumentException>(() => Kept(new IsolatedEventFilter(Sensor, 1), [new(0, 0, 7, true)]));
        Assert.Throws<ArgumentException>(() => new PixelMaskFilter(Sensor, [(9, 0)]));
        Assert.Throws<ArgumentException>(() => new PixelMaskFilter(Sensor, [(-1, 0)]));
        Assert.Throws<ArgumentException>(() => new RefractoryFilter(Sensor, 1).Filter([At(0)], []));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RefractoryFilter(Sensor, -1));
        Assert.Throws<ArgumentException>(() => new IsolatedEventFilter(new(0, 1), 1));
    }

    private static CameraEvent At(long time) => new(time, 4, 3, true);

    private static CameraEvent[] Kept(IEventFilter filter, CameraEvent[] events)
    {
        var kept = new CameraEvent[events.Length];
        return kept[..filter.Filter(events, kept)];
    }
}
