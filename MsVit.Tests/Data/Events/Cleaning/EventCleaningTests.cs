using MsVit.MLNet.Events;

namespace MsVit.Tests.Data.Events.Cleaning;

public sealed class EventCleaningTests
{
    private static readonly SensorSize Sensor = new(16, 16);

    [Fact]
    public void The_filters_follow_each_other_whatever_the_size_of_the_pieces()
    {
        var events = RandomEvents.Rising(5000, Sensor, gap: 20);
        for (var i = 0; i < events.Length; i += 3)
        {
            events[i] = events[i] with { X = 3, Y = 5 };
        }
        var kept = new CameraEvent[events.Length];
        var count = new PixelMaskFilter(Sensor, [(3, 5)]).Filter(events, kept);
        count = new RefractoryFilter(Sensor, 900).Filter(kept.AsSpan(0, count), kept);
        count = new IsolatedEventFilter(Sensor, 300).Filter(kept.AsSpan(0, count), kept);
        Assert.InRange(count, 1, 3000);

        var cleaning = new EventCleaning { HotPixelRatio = 10, RefractoryPeriod = 900, SupportWithin = 300 };
        using var reader = cleaning.Open(() => new ArrayReader(events, Sensor), Sensor);
        var read = new List<CameraEvent>();
        var buffer = new CameraEvent[77];
        while (reader.Read(buffer) is > 0 and var some)
        {
            read.AddRange(buffer[..some]);
        }
        Assert.Equal(kept[..count], read);
    }
}
