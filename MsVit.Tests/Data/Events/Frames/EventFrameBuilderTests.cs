using MsVit.MLNet.Events;

namespace MsVit.Tests.Data.Events.Frames;

/// <summary>Recordings that come in pieces, or twice from a reader.</summary>
public sealed class EventFrameBuilderTests
{
    private static readonly SensorSize Sensor = new(13, 9);

    [Theory]
    [InlineData(EventSplit.Number)]
    [InlineData(EventSplit.Time)]
    [InlineData(EventSplit.Window)]
    public void A_recording_in_pieces_gives_the_frames_of_the_whole(EventSplit split)
    {
        var events = RandomEvents.Rising(4321, Sensor);
        var options = new EventFrameOptions { TimeSteps = 5, Split = split, Window = 15_000 };
        var builder = new EventFrameBuilder(options, EventExtent.Of(events), Sensor);
        foreach (var piece in events.Chunk(97))
        {
            builder.Add(piece);
        }
        var whole = EventFrames.Of(events, options, Sensor);
        var pieces = builder.Build();
        Assert.Equal(whole.Bytes, pieces.Bytes);
        Assert.Equal(whole.LeftOut, pieces.LeftOut);
    }

    [Fact]
    public void A_reader_gives_the_frames_of_its_events_and_its_own_sensor()
    {
        var events = RandomEvents.Rising(60_000, Sensor);
        var frames = EventFrames.Read(() => new ArrayReader(events, Sensor), new());
        Assert.Equal(EventFrames.Of(events, new(), Sensor).Bytes, frames.Bytes);
    }

    [Fact]
    public void A_recording_that_changes_between_the_passes_is_rejected()
    {
        var events = RandomEvents.Rising(100, Sensor);
        Assert.Throws<InvalidOperationException>(() => Second(90));
        Assert.Throws<InvalidOperationException>(() => Second(101));

        void Second(int count)
        {
            var builder = new EventFrameBuilder(new(), EventExtent.Of(events), Sensor);
            builder.Add(RandomEvents.Rising(count, Sensor));
            builder.Build();
        }
    }
}
