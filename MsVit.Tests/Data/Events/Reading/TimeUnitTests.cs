using System.Globalization;
using System.Text;
using MsVit.MLNet.Events;

namespace MsVit.Tests.Data.Events.Reading;

/// <summary>The unit of times in text and NumPy files is told by the values, or else it is microseconds.</summary>
public sealed class TimeUnitTests
{
    private static readonly CameraEvent[] Events = SlowRecordings.Events(400, seed: 1, maxStep: 1500);

    [Theory]
    // Seconds with nine decimals, as v2e writes them; with six; since 1970.
    [InlineData("f9", 1e-6, 0, EventTimeUnit.Seconds, EventFactSource.Guessed)]
    [InlineData("f6", 1e-6, 0, EventTimeUnit.Seconds, EventFactSource.Guessed)]
    [InlineData("f6", 1e-6, 1700000000, EventTimeUnit.Seconds, EventFactSource.Guessed)]
    [InlineData("r", 1e-6, 0, EventTimeUnit.Seconds, EventFactSource.Guessed)]
    // Milliseconds with three decimals.
    [InlineData("f3", 1e-3, 0, EventTimeUnit.Milliseconds, EventFactSource.Guessed)]
    // Nanoseconds since 1970, and since the start.
    [InlineData("i", 1e3, 1.7e18, EventTimeUnit.Nanoseconds, EventFactSource.Guessed)]
    [InlineData("i", 1e3, 0, EventTimeUnit.Nanoseconds, EventFactSource.Guessed)]
    // Microseconds since 1970, since a camera was turned on, since the start.
    [InlineData("i", 1, 1.7e15, EventTimeUnit.Microseconds, EventFactSource.Guessed)]
    [InlineData("i", 1, 3e9, EventTimeUnit.Microseconds, EventFactSource.Assumed)]
    [InlineData("i", 1, 0, EventTimeUnit.Microseconds, EventFactSource.Assumed)]
    public void Values_tell_the_unit(string format, double scale, double start, EventTimeUnit unit, EventFactSource source)
    {
        using var reader = EventFile.Open(Text(format, scale, start), "a.csv");
        Assert.Equal((unit, source), (reader.Facts.TimeUnit, reader.Facts.TimeUnitSource));
        var read = reader.ReadToEnd();
        Assert.Equal(Events.Length, read.Length);
        Assert.All(
            read.Zip(Events), pair => Assert.InRange(
                pair.First.Time - read[0].Time - (pair.Second.Time - Events[0].Time), -1, 1));
    }

    [Theory]
    // Milliseconds since 1970; a camera that has been on for an hour; all at once; few rows; ten events a second; five.
    [InlineData(1_700_000_000_000, 1, 200, EventTimeUnit.Milliseconds)]
    [InlineData(3_600_000_000, 1, 200, EventTimeUnit.Microseconds)]
    [InlineData(0, 0, 200, EventTimeUnit.Microseconds)]
    [InlineData(0, 1_000_000, 40, EventTimeUnit.Microseconds)]
    [InlineData(0, 90_000, 200, EventTimeUnit.Microseconds)]
    [InlineData(0, 200_000, 200, EventTimeUnit.Nanoseconds)]
    public void Whole_numbers_are_microseconds_unless_that_is_impossible(long start, long step, int count, EventTimeUnit unit) =>
        Assert.Equal(unit, Facts("t,x,y,p\n" + string.Concat(
            Enumerable.Range(0, count).Select(i => $"{start + (i * step)},{i % 34},{i * 3 % 34},{i % 2}\n"))).TimeUnit);

    [Theory]
    [InlineData("t_ns", EventTimeUnit.Nanoseconds)]
    [InlineData("timestamp [us]", EventTimeUnit.Microseconds)]
    [InlineData("t(ms)", EventTimeUnit.Milliseconds)]
    [InlineData("time_s", EventTimeUnit.Seconds)]
    [InlineData("\"Timestamp (us)\"", EventTimeUnit.Microseconds)]
    public void The_name_of_the_column_may_state_the_unit(string name, EventTimeUnit unit)
    {
        var facts = Facts($"{name},x,y,p\n1000,1,1,0\n2000,1,1,0\n");
        Assert.Equal((unit, EventFactSource.Stated), (facts.TimeUnit, facts.TimeUnitSource));
    }

    [Fact]
    public void A_given_unit_is_not_doubted()
    {
        using var reader = EventFile.Open(Text("i", 1e3, 1.7e18), "a.csv", new() { TimeUnit = EventTimeUnit.Microseconds });
        Assert.Equal(EventFactSource.Given, reader.Facts.TimeUnitSource);
        Assert.True(reader.ReadToEnd()[0].Time > 1_600_000_000_000_000_000);
        var error = Assert.Throws<EventFormatException>(() => AllFormats.Read(
            Encoding.ASCII.GetBytes("t,x,y,p\n1.5,2,3,1\n"), "a.csv", new() { TimeUnit = EventTimeUnit.Microseconds }));
        Assert.Contains("set TimeUnit", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("f8", 1e-6, EventTimeUnit.Seconds)]
    [InlineData("i8", 1e3, EventTimeUnit.Nanoseconds)]
    [InlineData("f8", 1, EventTimeUnit.Microseconds)]
    public void Arrays_tell_the_unit_too(string type, double scale, EventTimeUnit unit)
    {
        var array = NpyFile.Of(type, $"({Events.Length}, 4)", Events.SelectMany(e => new[] { e.Time * scale, e.X, e.Y, e.On ? 1 : 0 }));
        using var reader = EventFile.Open(array, "a.npy");
        Assert.Equal(unit, reader.Facts.TimeUnit);
        Assert.Equal(Events, reader.ReadToEnd());
    }

    [Theory]
    [InlineData(-1, -1)]
    [InlineData(1, 0)]
    [InlineData(999, 0)]
    [InlineData(1000, 1)]
    [InlineData(long.MaxValue, long.MaxValue / 1000)]
    [InlineData(long.MinValue, (long.MinValue / 1000) - 1)]
    public void Nanoseconds_are_rounded_down(long nanoseconds, long microseconds) =>
        Assert.Equal(microseconds, EventValues.Time(nanoseconds, EventTimeUnit.Nanoseconds));

    [Fact]
    public void Formats_without_columns_state_microseconds()
    {
        using var reader = EventFile.Open(AllFormats.Bytes("a.aedat", Events), "a.aedat");
        Assert.Equal((EventTimeUnit.Microseconds, EventFactSource.Stated), (reader.Facts.TimeUnit, reader.Facts.TimeUnitSource));
        Assert.Null(reader.Facts.Columns);
    }

    private static EventFileFacts Facts(string text)
    {
        using var reader = EventFile.Open(Encoding.UTF8.GetBytes(text), "a.csv");
        return reader.Facts;
    }

    private static byte[] Text(string format, double scale, double start) => Encoding.ASCII.GetBytes("t,x,y,p\n" + string.Concat(
        Events.Select(e => $"{Time(format, e.Time, scale, start)},{e.X},{e.Y},{(e.On ? 1 : 0)}\n")));

    private static string Time(string format, long time, double scale, double start) => format switch
    {
        "i" => ((long)start + (time * (long)scale)).ToString(CultureInfo.InvariantCulture),
        "r" => ((time * scale) + start).ToString("R", CultureInfo.InvariantCulture),
        _ => ((decimal)start + (time * (decimal)scale)).ToString("F" + format[1..], CultureInfo.InvariantCulture),
    };
}
