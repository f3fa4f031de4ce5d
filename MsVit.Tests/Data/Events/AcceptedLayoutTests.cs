using System.Text;
using MsVit.MLNet.Events;
using MsVit.Tests.Support;

namespace MsVit.Tests.Data.Events;

/// <summary>What other programs write is read as it is.</summary>
public sealed class AcceptedLayoutTests
{
    private static readonly CameraEvent[] Events = SlowRecordings.Events(400, seed: 1);

    private static readonly double[][] Columns =
    [
        [.. Events.Select(e => (double)e.Time)], [.. Events.Select(e => (double)e.X)], [.. Events.Select(e => (double)e.Y)],
        [.. Events.Select(e => e.On ? 1.0 : 0)],
    ];

    [Theory]
    [InlineData("i8", "(400, 4)", true)]
    [InlineData("f8", "(400, 4)", true)]
    [InlineData("i4", "(4, 400)", false)]
    public void Arrays_that_are_stored_column_by_column(string type, string shape, bool fortran)
    {
        var array = NpyFile.Of(type, shape, Columns.SelectMany(column => column), fortran);
        Assert.Equal(Events, AllFormats.Read(array, "a.npy"));
        using var stream = EventFile.Open(new MemoryStream(array), "a.npy");
        Assert.Equal(Events, stream.ReadToEnd());
        Assert.Equal(Events, AllFormats.Read(NpzFile.Of(("events", array)), "a.npz"));
    }

    [Fact]
    public void An_array_stored_column_by_column_that_is_cut_off_has_the_rows_of_its_last_column()
    {
        var array = NpyFile.Of("i8", "(400, 4)", Columns.SelectMany(column => column), fortran: true)[..^804];
        Assert.Contains("the file ends after", Assert.Throws<EventFormatException>(() => AllFormats.Read(array, "a.npy")).Message,
            StringComparison.Ordinal);
        Assert.Equal(Events[..299], AllFormats.Read(array, "a.npy", new() { AcceptTruncated = true }));
        Assert.Empty(AllFormats.Read(array[..3000], "a.npy", new() { AcceptTruncated = true }));
    }

    [Fact]
    public void An_array_stored_column_by_column_has_a_limit()
    {
        var array = NpyFile.Of("i8", "(10000000, 4)", [1, 2, 3], fortran: true);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var error = Assert.Throws<EventFormatException>(() => AllFormats.Read(array, "a.npy"));
        Assert.Contains("at most 268435456", error.Message, StringComparison.Ordinal);
        Assert.Contains("the file ends after", Assert.Throws<EventFormatException>(
            () => AllFormats.Read(NpyFile.Of("i8", "(1000000, 4)", [1, 2, 3], fortran: true), "a.npy")).Message, StringComparison.Ordinal);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 1 << 20);
    }

    [Theory]
    [InlineData("timestamps", "x_pos", "y_pos", "polarity")]
    [InlineData("ts", "xs", "ys", "ps")]
    [InlineData("t", "x", "y", "p")]
    [InlineData("Time", "X", "Y", "Polarities")]
    [InlineData("t_us", "x", "y", "on")]
    public void Archives_under_other_names(string t, string x, string y, string p)
    {
        var names = new[] { t, x, y, p };
        var arrays = names.Select((name, i) => (name, NpyFile.Of("i8", "(400,)", Columns[i]))).Reverse();
        var archive = NpzFile.Of([("height", NpyFile.Of("i8", "()", [128])), .. arrays]);
        Assert.Equal(Events, AllFormats.Read(archive, "a.npz"));
    }

    [Theory]
    [InlineData("(400, 1)")]
    [InlineData("(1, 400)")]
    public void Archives_whose_columns_have_two_axes(string shape) => Assert.Equal(Events, AllFormats.Read(NpzFile.Of(
        [.. "txyp".Select((name, i) => ($"{name}", NpyFile.Of("f8", shape, Columns[i])))]), "a.npz"));

    [Theory]
    [InlineData("events")]
    [InlineData("arr_0")]
    [InlineData("anything")]
    public void Archives_with_one_array_of_records(string name)
    {
        var header = "{'descr': [('timestamp', '<i8'), ('x', '<i2'), ('y', '<i2'), ('polarity', '|u1')], 'fortran_order': False, "
            + "'shape': (400,), }\n";
        byte[] array = [0x93, .. "NUMPY"u8, 1, 0, .. SlowRecordings.Little(2, header.Length), .. Encoding.ASCII.GetBytes(header),
            .. Events.SelectMany(e => SlowRecordings.Little(8, e.Time).Concat(SlowRecordings.Little(2, e.X))
                .Concat(SlowRecordings.Little(2, e.Y)).Append((byte)(e.On ? 1 : 0)))];
        Assert.Equal(Events, AllFormats.Read(NpzFile.Of((name, array)), "a.npz"));
    }

    [Fact]
    public void Whole_numbers_that_are_written_as_floats()
    {
        var text = "t,x,y,p\n" + string.Concat(Events.Select(e => $"{e.Time}.0,{e.X}.0,{e.Y}.00,{(e.On ? "1.0" : "0.0")}\n"));
        Assert.Equal(Events, AllFormats.Read(Encoding.ASCII.GetBytes(text), "a.csv"));
        Assert.Equal([new(5, 40, 7, true)], AllFormats.Read("t,x,y,p\n5,4e1,7,1\n"u8.ToArray(), "a.csv"));
        Assert.Contains("'4.5'", Assert.Throws<EventFormatException>(
            () => AllFormats.Read("t,x,y,p\n5,4.5,7,1\n"u8.ToArray(), "a.csv")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Text_that_ends_within_a_row_has_the_rows_before_it_if_that_is_accepted()
    {
        var text = "t,x,y,p\n1,2,3,1\n4,5,6,0\n7,8"u8.ToArray();
        var error = Assert.Throws<EventFormatException>(() => AllFormats.Read(text, "a.csv"));
        Assert.Contains("the file ends after 3 bytes of a row", error.Message, StringComparison.Ordinal);
        Assert.Contains("set AcceptTruncated to true", error.Message, StringComparison.Ordinal);
        Assert.Equal([new(1, 2, 3, true), new(4, 5, 6, false)], AllFormats.Read(text, "a.csv", new() { AcceptTruncated = true }));
        Assert.Equal([new(1, 2, 3, true), new(7, 8, 9, true)], AllFormats.Read("t,x,y,p\n1,2,3,1\n7,8,9,1"u8.ToArray(), "a.csv"));
    }

    [Fact]
    public void A_header_alone_has_no_events() => Assert.Empty(AllFormats.Read("t,x,y,p\n"u8.ToArray(), "a.csv"));

    [Fact]
    public void An_unknown_archive_is_rejected_with_what_it_contains()
    {
        var array = NpyFile.Of("i8", "(3,)", [1, 2, 3]);
        var error = Assert.Throws<EventFormatException>(() => AllFormats.Read(NpzFile.Of(("a", array), ("b", array)), "a.npz"));
        Assert.Contains("the arrays a, b; expected t, x, y and p", error.Message, StringComparison.Ordinal);
        Assert.Contains("frames of the shape (2, 2, 3, 3)", Assert.Throws<EventFormatException>(() => AllFormats.Read(
            NpzFile.Of(("frames", NpyFile.Of("f8", "(2, 2, 3, 3)", new double[36]))), "a.npz")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Saved_frames_of_the_right_size_are_frames()
    {
        using var folder = new TemporaryFolder();
        var counts = Enumerable.Range(0, 36).Select(i => (double)(i * 10)).ToArray();
        var path = folder.Write("a.npz", NpzFile.Of(("frames", NpyFile.Of("f8", "(2, 2, 3, 3)", counts))));
        var frames = Frames(2).Read(new EventRecording(path, "a"));
        Assert.Equal(counts.Select(count => (byte)Math.Min(count, 255)), frames.Bytes.ToArray());
        Assert.Equal((long)counts.Sum(count => Math.Max(0, count - 255)), frames.Cut);

        var other = Assert.Throws<EventFormatException>(() => Frames(4).Read(new EventRecording(path, "a")));
        Assert.Contains("the file has 2 frames of 2 x 3 x 3; the network takes 4 of 2 x 3 x 3", other.Message, StringComparison.Ordinal);
        Assert.Contains("set Frames.TimeSteps to 2", other.Message, StringComparison.Ordinal);
        counts[7] = 0.5;
        path = folder.Write("b.npz", NpzFile.Of(("frames", NpyFile.Of("f8", "(2, 2, 3, 3)", counts))));
        Assert.Contains("element 7 is 0.5", Assert.Throws<EventFormatException>(
            () => Frames(2).Read(new EventRecording(path, "a"))).Message, StringComparison.Ordinal);

        static RecordingFrames Frames(int steps) => new(
            new() { TimeSteps = steps, MaxCount = 255, Area = new() { Size = new(3, 3) } }, new(), new());
    }

    [Fact]
    public void A_short_recording_is_opened_once_and_a_long_one_twice()
    {
        var opened = 0;
        var options = new EventFrameOptions { TimeSteps = 3, Area = new() { Sensor = new(128, 128) } };
        var frames = EventFrames.Read(() => Opened(SlowRecordings.Aedat2(Events)), options);
        Assert.Equal(1, opened);
        Assert.Equal(EventFrames.Of(Events, options).Bytes.ToArray(), frames.Bytes.ToArray());

        opened = 0;
        var many = SlowRecordings.Events((1 << 20) + 5, seed: 2, maxStep: 3);
        var words = EventFrames.Read(() => Opened(SlowRecordings.Atis(many)), options with { MaxCount = 255 });
        Assert.Equal(2, opened);
        Assert.Equal(EventFrames.Of(many, options with { MaxCount = 255 }).Bytes.ToArray(), words.Bytes.ToArray());

        IEventReader Opened(byte[] bytes)
        {
            opened++;
            return EventFile.Open(bytes, bytes.Length > 1 << 20 ? "a.bin" : "a.aedat");
        }
    }
}
