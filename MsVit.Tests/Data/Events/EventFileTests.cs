using MsVit.MLNet.Events;
using MsVit.Tests.Interop;
using static MsVit.Tests.Data.Events.SlowRecordings;

namespace MsVit.Tests.Data.Events;

public sealed class EventFileTests
{
    private static readonly SensorSize Nmnist = new(34, 34);

    [Fact]
    public void An_event_outside_the_sensor_is_rejected_with_its_byte_and_those_before_it_come_first()
    {
        var events = SlowRecordings.Events(2000, seed: 1).Select(e => e with { X = (ushort)(e.X % 34), Y = (ushort)(e.Y % 34) }).ToArray();
        events[1500] = events[1500] with { X = 34 };
        using var reader = EventFile.Open(Atis(events), "a.bin", new() { Sensor = Nmnist });
        var read = new CameraEvent[3000];
        Assert.Equal(1500, reader.Read(read));
        Assert.Equal(events[..1500], read[..1500]);
        var error = Assert.Throws<EventFormatException>(() => reader.Read(read));
        Assert.StartsWith("a.bin, byte 7500: the event at column 34", error.Message);
        Assert.Contains("34 x 34", error.Message);
    }

    [Theory]
    [InlineData("a.aedat", "byte 86")]
    [InlineData("a.dat", "byte 63")]
    [InlineData("a.csv", "line 6")]
    [InlineData("a.npy", "row 3")]
    public void The_location_of_a_rejected_event_is_that_of_its_record(string name, string place)
    {
        var events = SlowRecordings.Events(20, seed: 2).Select(e => e with { X = 5, Y = 6 }).ToArray();
        events[3] = events[3] with { X = 100 };
        var bytes = AllFormats.Bytes(name, events);
        Assert.Equal(place, Assert.Throws<EventFormatException>(
            () => AllFormats.Read(bytes, name, new() { Sensor = new(10, 10) })).Location);
    }

    [Fact]
    public void Events_outside_the_sensor_are_dropped_and_counted_by_option()
    {
        var events = SlowRecordings.Events(5000, seed: 3);
        using var reader = EventFile.Open(Aedat2(events), "a.aedat", new() { Sensor = new(100, 90), OutOfRange = OutOfRangePolicy.Drop });
        var inside = events.Where(e => e.X < 100 && e.Y < 90).ToArray();
        Assert.Equal(inside, reader.ReadToEnd());
        Assert.Equal((inside.Length, 5000 - inside.Length), (reader.Tally.Events, reader.Tally.OutsideSensor));
    }

    [Fact]
    public void Steps_back_in_time_are_counted_and_kept()
    {
        var events = SlowRecordings.Events(3000, seed: 4);
        (events[10], events[11], events[2048]) = (events[10] with { Time = 90_000 }, events[11] with { Time = 5 },
            events[2048] with { Time = 7 });
        using var reader = EventFile.Open(Aedat2(events), "a.aedat");
        Assert.Equal(events, reader.ReadToEnd());
        Assert.Equal(2, reader.Tally.BackwardSteps);
        Assert.Equal(0, reader.Tally.ClockOverflows);
    }

    [Theory]
    [InlineData("a.aedat", 3)]
    [InlineData("a31.aedat", 30)]
    [InlineData("lz4.aedat4", 5)]
    [InlineData("evt3.raw", 1)]
    [InlineData("a.npy", 9)]
    public void A_truncated_file_is_an_error_or_counted_by_option(string name, int cut)
    {
        var events = SlowRecordings.Events(100, seed: 1);
        var bytes = AllFormats.Bytes(name, events)[..^cut];
        Assert.Contains("the file ends after", Assert.Throws<EventFormatException>(() => AllFormats.Read(bytes, name)).Message);
        using var reader = EventFile.Open(bytes, name, new() { AcceptTruncated = true });
        var read = reader.ReadToEnd();
        Assert.Equal(events[..read.Length], read);
        Assert.True(reader.Tally.TruncatedBytes > 0);
    }

    [Fact]
    public void An_unrecognized_format_is_rejected_with_the_supported_ones()
    {
        Assert.Contains("EVT 3.0", Assert.Throws<EventFormatException>(
            () => EventFile.Open(new byte[] { 0, 1, 2, 3, 4 }, "a.dat")).Message);
        Assert.Contains("empty", Assert.Throws<EventFormatException>(() => EventFile.Open(Array.Empty<byte>(), "a.dat")).Message);
        Assert.Contains("cannot seek", Assert.Throws<EventFormatException>(
            () => EventFile.Open(new OneWayStream(NpzFile.Of()), "a.npz")).Message);
    }
}
