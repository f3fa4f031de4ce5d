using System.Text;
using MsVit.MLNet.Data.Events;
using MsVit.MLNet.Data.Events.NumPy;
using MsVit.MLNet.Data.Events.Reading;
using MsVit.Tests.Interop;
using static MsVit.Tests.Data.Events.SlowRecordings;

namespace MsVit.Tests.Data.Events;

public sealed class EventFileTests
{
    private static readonly SensorSize Nmnist = new(34, 34);

    [Fact]
    public void An_event_outside_the_sensor_is_refused_with_its_byte_and_those_before_it_come_first()
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
    public void The_place_of_a_refused_event_is_that_of_its_record(string name, string place)
    {
        var events = SlowRecordings.Events(20, seed: 2).Select(e => e with { X = 5, Y = 6 }).ToArray();
        events[3] = events[3] with { X = 100 };
        var bytes = AllFormats.Bytes(name, events);
        Assert.Equal(place, Assert.Throws<EventFormatException>(() => AllFormats.Read(bytes, name, new() { Sensor = new(10, 10) })).Place);
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
        (events[10], events[11], events[2048]) = (events[10] with { Time = 90_000 }, events[11] with { Time = 5 }, events[2048] with { Time = 7 });
        using var reader = EventFile.Open(Aedat2(events), "a.aedat");
        Assert.Equal(events, reader.ReadToEnd());
        Assert.Equal(2, reader.Tally.BackwardSteps);
        Assert.Equal(0, reader.Tally.ClockOverflows);
    }

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
        byte[] words = [.. "% evt 3.0\n"u8, .. Little(2, 0x8001), .. Little(2, 0x6010), .. Little(2, 0x0003), .. Little(2, 0x2804), .. Little(2, 0x6005), .. Little(2, 0x2005)];
        using var reader = EventFile.Open(words, "a.raw");
        Assert.Equal([new(0x1010, 4, 3, true), new(0x1005, 5, 3, false)], reader.ReadToEnd());
        Assert.Equal(1, reader.Tally.BackwardSteps);
    }

    [Fact]
    public void A_vector_that_follows_a_vector_begins_where_it_ended()
    {
        byte[] words = [.. "% evt 3.0\n"u8, .. Little(2, 0x8000), .. Little(2, 0x380A), .. Little(2, 0x4801), .. Little(2, 0x5081), .. Little(2, 0x4001)];
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
        var error = Assert.Throws<EventFormatException>(() => { using var reader = EventFile.Open(bytes, "a.aedat"); reader.Read(new CameraEvent[1]); reader.Read(new CameraEvent[5]); });
        Assert.Equal($"byte {bytes.Length - 16}", error.Place);
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

    [Theory]
    [InlineData("a.aedat", 3)]
    [InlineData("a31.aedat", 30)]
    [InlineData("lz4.aedat4", 5)]
    [InlineData("evt3.raw", 1)]
    [InlineData("a.npy", 9)]
    public void A_cut_end_is_an_error_or_counted_by_option(string name, int cut)
    {
        var events = SlowRecordings.Events(100, seed: 1);
        var bytes = AllFormats.Bytes(name, events)[..^cut];
        Assert.Contains("the file ends after", Assert.Throws<EventFormatException>(() => AllFormats.Read(bytes, name)).Message);
        using var reader = EventFile.Open(bytes, name, new() { AcceptCutEnd = true });
        var read = reader.ReadToEnd();
        Assert.Equal(events[..read.Length], read);
        Assert.True(reader.Tally.CutBytes > 0);
    }

    [Fact]
    public void AEDAT_4_ends_at_its_table_of_packets()
    {
        var events = SlowRecordings.Events(250, seed: 1);
        Assert.Equal(events, AllFormats.Read(SlowAedat4.Of(events, compression: 1, withTable: true), "a.aedat4"));
    }

    [Fact]
    public void A_description_of_streams_that_nests_without_end_is_refused()
    {
        var deep = SlowAedat4.Of([], compression: 1, info: string.Concat(Enumerable.Repeat("<n>", 30_000)));
        Assert.Contains("nests deeper", Assert.Throws<EventFormatException>(() => AllFormats.Read(deep, "a.aedat4")).Message);
        var cut = SlowAedat4.Of([], compression: 1, info: "<dv><node>");
        Assert.Contains("not XML", Assert.Throws<EventFormatException>(() => AllFormats.Read(cut, "a.aedat4")).Message);
        var empty = SlowAedat4.Of([], compression: 1, info: "<dv></dv>");
        Assert.Contains("no events", Assert.Throws<EventFormatException>(() => AllFormats.Read(empty, "a.aedat4")).Message);
    }

    [Theory]
    [InlineData("1,2,3,1\n4,5,6,0\n", "t,x,y,p", EventTimeUnit.Microseconds)]
    [InlineData("2 3 1 1\n5 6 0 4\n", "x,y,p,t", EventTimeUnit.Microseconds)]
    [InlineData("34 34\n0.000001 2 3 1\n0.000004 5 6 0\n", "t,x,y,p", EventTimeUnit.Seconds)]
    [InlineData("\uFEFFtimestamp;x;y;polarity;other\r\n0.001;2;3;True;9\r\n\r\n# pause\r\n0.004;5;6;-1;9", "t,x,y,p", EventTimeUnit.Milliseconds)]
    public void Text_of_several_kinds_holds_the_same_two_events(string text, string columns, EventTimeUnit unit) =>
        Assert.Equal([new(1, 2, 3, true), new(4, 5, 6, false)], AllFormats.Read(Encoding.UTF8.GetBytes(text), "a.txt", new() { Columns = columns, TimeUnit = unit }));

    [Theory]
    [InlineData("t,x,y,p\n1,2,3,1\n\n1,2,3\n", "line 4", "3 columns")]
    [InlineData("t,x,y,p\n1.5,2,3,1\n", "line 2", "TimeUnit")]
    [InlineData("t,x,y,p\n1,2,b,1\n", "line 2", "'b'")]
    [InlineData("t,x,y,p\n1,2,3,7\n", "line 2", "polarity")]
    [InlineData("a,b,c\n", "line 1", "expected t, x, y and p")]
    public void A_wrong_row_is_refused_with_its_line(string text, string place, string expected)
    {
        var error = Assert.Throws<EventFormatException>(() => AllFormats.Read(Encoding.UTF8.GetBytes(text), "a.csv"));
        Assert.Equal(place, error.Place);
        Assert.Contains(expected, error.Message);
    }

    [Theory]
    [InlineData("<f8")]
    [InlineData(">i4")]
    public void NumPy_arrays_of_other_types_are_read(string type)
    {
        byte[] numbers = type == "<f8" ? [.. new double[] { 3, 2, 1, 1 }.SelectMany(BitConverter.GetBytes)] : [0, 0, 0, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 1];
        Assert.Equal([new(3, 2, 1, true)], AllFormats.Read([.. NpyHeader(type, "(1, 4)"), .. numbers], "a.npy"));
    }

    [Fact]
    public void NumPy_records_are_read_by_the_names_of_their_fields()
    {
        var header = NpyHeader("X", "(1,)");
        var text = Encoding.Latin1.GetString(header).Replace("'X'", "[('x', '<u2'), ('y', '<u2'), ('p', '|b1'), ('t', '<i8')]", StringComparison.Ordinal);
        byte[] bytes = [.. Encoding.Latin1.GetBytes(text), .. Little(2, 7), .. Little(2, 8), 1, .. Little(8, 99)];
        bytes[8] = (byte)(text.Length - 10);
        Assert.Equal([new(99, 7, 8, true)], AllFormats.Read(bytes, "a.npy"));
    }

    [Fact]
    public void Saved_frames_are_read_as_float32()
    {
        byte[] array = [.. NpyHeader("<f8", "(1, 2, 1, 3)"), .. new double[] { 0, 1, 2, 3, 4, 5.5 }.SelectMany(BitConverter.GetBytes)];
        using var stream = new MemoryStream(NpzFile.Of(("frames", array)));
        var frames = FrameArchive.Read(stream, "a.npz");
        Assert.Equal((1, 2, 1, 3), (frames.TimeSteps, frames.Channels, frames.Height, frames.Width));
        Assert.Equal([0, 1, 2, 3, 4, 5.5f], frames.Values);
    }

    [Fact]
    public void What_cannot_be_recognised_is_refused_with_what_is_known()
    {
        Assert.Contains("EVT 3.0", Assert.Throws<EventFormatException>(() => EventFile.Open(new byte[] { 0, 1, 2, 3, 4 }, "a.dat")).Message);
        Assert.Contains("empty", Assert.Throws<EventFormatException>(() => EventFile.Open(Array.Empty<byte>(), "a.dat")).Message);
        Assert.Contains("cannot seek", Assert.Throws<EventFormatException>(() => EventFile.Open(new OneWayStream(NpzFile.Of()), "a.npz")).Message);
    }
}
