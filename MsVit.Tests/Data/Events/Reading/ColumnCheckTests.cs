using System.Text;
using MsVit.MLNet.Events;

namespace MsVit.Tests.Data.Events.Reading;

/// <summary>Columns without names are t, x, y, p only if the values look like that.</summary>
public sealed class ColumnCheckTests
{
    private static readonly CameraEvent[] Events = SlowRecordings.Events(400, seed: 1);

    [Theory]
    [InlineData("x,y,p,t")]
    [InlineData("x,y,t,p")]
    [InlineData("t,p,x,y")]
    [InlineData("p,x,y,t")]
    [InlineData("t,x,p,y")]
    [InlineData("x,t,y,p")]
    public void Text_in_another_order_is_rejected_with_that_order_and_read_with_it(string order)
    {
        var text = Text(order, Events);
        var error = Assert.Throws<EventFormatException>(() => Read(text));
        Assert.Contains($"The values look like {order}.", error.Message, StringComparison.Ordinal);
        Assert.Contains($"set Columns to {order}", error.Message, StringComparison.Ordinal);
        Assert.Equal(Events, Read(text, new() { Columns = order }));
    }

    [Theory]
    [InlineData("x,y,p,t", "i8")]
    [InlineData("x,y,t,p", "i4")]
    [InlineData("p,x,y,t", "f8")]
    public void An_array_in_another_order_is_rejected_with_that_order_and_read_with_it(string order, string type)
    {
        var array = NpyFile.Of(type, $"({Events.Length}, 4)", Events.SelectMany(e => Row(order, e)));
        var error = Assert.Throws<EventFormatException>(() => AllFormats.Read(array, "a.npy"));
        Assert.Contains($"The values look like {order}.", error.Message, StringComparison.Ordinal);
        Assert.Equal(Events, AllFormats.Read(array, "a.npy", new() { Columns = order }));
    }

    [Fact]
    public void Few_rows_whose_polarity_is_a_time_are_enough()
    {
        var error = Assert.Throws<EventFormatException>(() => Read(Text("x,y,p,t", Events[..5])));
        Assert.Contains("The values look like x,y,p,t.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Metavision_states_the_sensor_but_not_the_order()
    {
        var text = "%geometry:640,480\n" + Text("x,y,p,t", Events);
        Assert.Contains("look like x,y,p,t", Assert.Throws<EventFormatException>(() => Read(text)).Message, StringComparison.Ordinal);
        using var reader = EventFile.Open(Encoding.ASCII.GetBytes(text), "a.csv", new() { Columns = "x,y,p,t" });
        Assert.Equal(new SensorSize(640, 480), reader.Sensor);
        Assert.Equal(EventFactSource.Given, reader.Facts.ColumnsSource);
    }

    [Fact]
    public void Times_in_no_order_are_rejected_unless_the_order_is_given()
    {
        var jumbled = RandomEvents.Jumbled(500, new(128, 128));
        var error = Assert.Throws<EventFormatException>(() => Read(Text("t,x,y,p", jumbled)));
        Assert.Contains("the times step back in", error.Message, StringComparison.Ordinal);
        Assert.Contains("set Columns", error.Message, StringComparison.Ordinal);
        Assert.Equal(jumbled, Read(Text("t,x,y,p", jumbled), new() { Columns = "t,x,y,p" }));
        Assert.Equal(jumbled, Read("t,x,y,p\n" + Text("t,x,y,p", jumbled)));
    }

    [Fact]
    public void Arrays_of_anything_else_are_rejected()
    {
        var random = new Random(1);
        var noise = NpyFile.Of("u2", "(300, 4)", Enumerable.Range(0, 1200).Select(_ => (double)random.Next(65536)));
        var error = Assert.Throws<EventFormatException>(() => AllFormats.Read(noise, "a.npy"));
        Assert.Contains("probably not t,x,y,p", error.Message, StringComparison.Ordinal);
    }

    public static TheoryData<string> Plausible => new(
        "5,2,3,1\n",
        "1,2,3,1\n4,5,6,0\n",
        // All at once, as at the beginning of a burst.
        string.Concat(Enumerable.Range(0, 200).Select(i => $"7,{i % 34},{i / 34},1\n")),
        // A still, hot pixel.
        string.Concat(Enumerable.Range(0, 200).Select(i => $"{i * 10},3,3,{i % 2}\n")),
        // An edge that moves to the right: x rises as time does.
        string.Concat(Enumerable.Range(0, 200).Select(i => $"{i * 10},{i},{i * 7 % 30},1\n")),
        // Events of two packets, which overlap in time.
        string.Concat(Enumerable.Range(0, 200).Select(i => $"{(i % 100) + (i / 100 * 90)},{i % 34},{i * 3 % 34},0\n")),
        // 255 for ON.
        string.Concat(Enumerable.Range(0, 200).Select(i => $"{i * 10},{i % 34},{i * 3 % 34},{(i % 3 == 0 ? -1 : 1)}\n")),
        // One coordinate that no camera has.
        string.Concat(Enumerable.Range(0, 200).Select(i => $"{i * 10},{(i == 9 ? 65530 : i % 34)},{i * 3 % 34},1\n")),
        // Every third step goes a little back.
        string.Concat(Enumerable.Range(0, 200).Select(i => $"{(i * 10) - (i % 5 == 0 ? 15 : 0)},{i % 34},{i * 3 % 34},1\n")),
        // More columns than needed.
        string.Concat(Enumerable.Range(0, 200).Select(i => $"{i * 10},{i % 34},{i * 3 % 34},1,77777\n")));

    [Theory]
    [MemberData(nameof(Plausible))]
    public void Unusual_recordings_in_the_usual_order_are_read(string text) => Assert.Equal(text.Count(c => c == '\n'), Read(text).Length);

    private static CameraEvent[] Read(string text, EventReadOptions? options = null) =>
        AllFormats.Read(Encoding.ASCII.GetBytes(text), "a.csv", options);

    private static string Text(string order, IEnumerable<CameraEvent> events) =>
        string.Concat(events.Select(e => string.Join(',', Row(order, e)) + "\n"));

    private static double[] Row(string order, CameraEvent e) => [.. order.Split(',').Select(name => name switch
    {
        "t" => (double)e.Time,
        "x" => e.X,
        "y" => e.Y,
        _ => e.On ? 1 : 0,
    })];
}
