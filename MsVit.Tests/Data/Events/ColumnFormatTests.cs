using System.Text;
using MsVit.MLNet.Events;
using static MsVit.Tests.Data.Events.SlowRecordings;

namespace MsVit.Tests.Data.Events;

public sealed class ColumnFormatTests
{
    [Theory]
    [InlineData("1,2,3,1\n4,5,6,0\n", "t,x,y,p", EventTimeUnit.Microseconds)]
    [InlineData("2 3 1 1\n5 6 0 4\n", "x,y,p,t", EventTimeUnit.Microseconds)]
    [InlineData("34 34\n0.000001 2 3 1\n0.000004 5 6 0\n", "t,x,y,p", EventTimeUnit.Seconds)]
    [InlineData("\uFEFFtimestamp;x;y;polarity;other\r\n0.001;2;3;True;9\r\n\r\n# pause\r\n0.004;5;6;-1;9", "t,x,y,p",
        EventTimeUnit.Milliseconds)]
    public void Text_of_several_kinds_holds_the_same_two_events(string text, string columns, EventTimeUnit unit) =>
        Assert.Equal([new(1, 2, 3, true), new(4, 5, 6, false)],
            AllFormats.Read(Encoding.UTF8.GetBytes(text), "a.txt", new() { Columns = columns, TimeUnit = unit }));

    [Theory]
    [InlineData("t,x,y,p\n1,2,3,1\n\n1,2,3\n", "line 4", "3 columns")]
    [InlineData("t_us,x,y,p\n1.5,2,3,1\n", "line 2", "TimeUnit")]
    [InlineData("t,x,y,p\n1,2,b,1\n", "line 2", "'b'")]
    [InlineData("t,x,y,p\n1,2,3,7\n", "line 2", "polarity")]
    [InlineData("a,b,c\n", "line 1", "expected t, x, y and p")]
    public void A_wrong_row_is_rejected_with_its_line(string text, string place, string expected)
    {
        var error = Assert.Throws<EventFormatException>(() => AllFormats.Read(Encoding.UTF8.GetBytes(text), "a.csv"));
        Assert.Equal(place, error.Location);
        Assert.Contains(expected, error.Message);
    }

    [Theory]
    [InlineData("<f8")]
    [InlineData(">i4")]
    public void NumPy_arrays_of_other_types_are_read(string type)
    {
        byte[] numbers = type == "<f8" ? [.. new double[] { 3, 2, 1, 1 }.SelectMany(BitConverter.GetBytes)]
            : [0, 0, 0, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 1];
        Assert.Equal([new(3, 2, 1, true)], AllFormats.Read([.. NpyHeader(type, "(1, 4)"), .. numbers], "a.npy"));
    }

    [Fact]
    public void NumPy_records_are_read_by_the_names_of_their_fields()
    {
        var header = NpyHeader("X", "(1,)");
        var text = Encoding.Latin1.GetString(header).Replace(
            "'X'", "[('x', '<u2'), ('y', '<u2'), ('p', '|b1'), ('t', '<i8')]", StringComparison.Ordinal);
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
}
