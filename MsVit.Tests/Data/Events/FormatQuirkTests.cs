using MsVit.MLNet.Events;
using static MsVit.Tests.Data.Events.SlowRecordings;

namespace MsVit.Tests.Data.Events;

public sealed class FormatQuirkTests
{
    private static readonly SensorSize Nmnist = new(34, 34);

    [Fact]
    public void Row_240_of_the_5_byte_format_adds_8192_microseconds_and_is_no_event()
    {
        CameraEvent[] events = [new(100, 1, 2, true), new(0, 0, 240, false), new(120, 3, 4, false)];
        using var reader = EventFile.Open(Atis(events), "a.bin", new() { Sensor = Nmnist });
        Assert.Equal([events[0], events[2] with { Time = 120 + 8192 }], reader.ReadToEnd());
        Assert.Equal(1, reader.Tally.Skipped);
    }

    [Fact]
    public void A_time_low_that_steps_back_is_no_overflow_in_EVT_3()
    {
        byte[] words = [.. "% evt 3.0\n"u8, .. Little(2, 0x8001), .. Little(2, 0x6010), .. Little(2, 0x0003), .. Little(2, 0x2804),
            .. Little(2, 0x6005), .. Little(2, 0x2005)];
        using var reader = EventFile.Open(words, "a.raw");
        Assert.Equal([new(0x1010, 4, 3, true), new(0x1005, 5, 3, false)], reader.ReadToEnd());
        Assert.Equal(1, reader.Tally.BackwardSteps);
    }

    [Fact]
    public void A_vector_that_follows_a_vector_begins_where_it_ended()
    {
        byte[] words = [.. "% evt 3.0\n"u8, .. Little(2, 0x8000), .. Little(2, 0x380A), .. Little(2, 0x4801), .. Little(2, 0x5081),
            .. Little(2, 0x4001)];
        Assert.Equal([10, 21, 22, 29, 30], AllFormats.Read(words, "a.raw").Select(e => (int)e.X));
    }

    [Fact]
    public void EVT_2_events_before_the_first_time_are_left_out()
    {
        byte[] words = [.. "% evt 2.0\n"u8, .. Little(4, 0x10000801), .. Little(4, 0x80000001), .. Little(4, 0x10000802)];
        Assert.Equal([new(64, 1, 2, true)], AllFormats.Read(words, "a.raw"));
    }

    [Fact]
    public void A_record_that_begins_like_a_header_line_is_an_event()
    {
        // y = 140 gives an address whose first byte is 0x23, a '#'.
        CameraEvent[] events = [new(1, 2, 179 - 140, true), new(2, 3, 4, false)];
        Assert.Equal((byte)'#', Davis240(events)[^16]);
        Assert.Equal(events, AllFormats.Read(Davis240(events), "davis.aedat"));
    }

    [Fact]
    public void Address_bits_above_15_are_not_a_DVS128()
    {
        var bytes = Aedat2(SlowRecordings.Events(3, seed: 1));
        bytes[^15] = 1;
        var error = Assert.Throws<EventFormatException>(() =>
            { using var reader = EventFile.Open(bytes, "a.aedat"); reader.Read(new CameraEvent[1]); reader.Read(new CameraEvent[5]); });
        Assert.Equal($"byte {bytes.Length - 16}", error.Location);
    }

    [Fact]
    public void Events_without_the_valid_mark_are_left_out_by_option()
    {
        var events = SlowRecordings.Events(10, seed: 1);
        var bytes = Aedat31(events);
        bytes[^(24 + 80)] &= 0xFE;
        Assert.Equal(events, AllFormats.Read(bytes, "a.aedat"));
        Assert.Equal(events[1..], AllFormats.Read(bytes, "a.aedat", new() { SkipInvalid = true }));
    }

    [Fact]
    public void AEDAT_4_ends_at_its_table_of_packets()
    {
        var events = SlowRecordings.Events(250, seed: 1);
        Assert.Equal(events, AllFormats.Read(SlowAedat4.Of(events, compression: 1, withTable: true), "a.aedat4"));
    }

    [Fact]
    public void A_description_of_streams_that_nests_without_end_is_rejected()
    {
        var deep = SlowAedat4.Of([], compression: 1, info: string.Concat(Enumerable.Repeat("<n>", 30_000)));
        Assert.Contains("nested deeper", Assert.Throws<EventFormatException>(() => AllFormats.Read(deep, "a.aedat4")).Message);
        var cut = SlowAedat4.Of([], compression: 1, info: "<dv><node>");
        Assert.Contains("not XML", Assert.Throws<EventFormatException>(() => AllFormats.Read(cut, "a.aedat4")).Message);
        var empty = SlowAedat4.Of([], compression: 1, info: "<dv></dv>");
        Assert.Contains("no events", Assert.Throws<EventFormatException>(() => AllFormats.Read(empty, "a.aedat4")).Message);
    }
}
