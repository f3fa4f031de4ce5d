using System.Text;
using Microsoft.ML;
using MsVit.MLNet;
using MsVit.MLNet.Events;
using MsVit.Tests.Support;

namespace MsVit.Tests.Trainer;

/// <summary>The command line can read whatever the library can, and a model keeps how it was trained.</summary>
public sealed class ReadingOptionsTests : IDisposable
{
    private static readonly string[] Classes = ["left", "right"];

    private readonly TemporaryFolder _folder = new();

    private int _trained;

    // Every training writes a model of its own.
    private string Model => Path.Combine(_folder.Path, $"m{_trained}.zip");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_model_keeps_the_options_that_it_was_trained_with()
    {
        var data = Set((x, y, p, t) => $"{x},{y},{p},{t}");
        var refused = Train(data);
        Assert.Equal(1, refused.Code);
        Assert.Contains("look like x,y,p,t. If so, add --columns x,y,p,t.", refused.Error, StringComparison.Ordinal);

        var trained = Train(data, "--columns", "x,y,p,t", "--time-unit", "microseconds");
        Assert.True(trained.Code == 0, trained.Error);
        Assert.Contains("Sensor: 16 x 16, the least that all events need", trained.Error, StringComparison.Ordinal);
        Assert.Contains("columns x,y,p,t (given), times in microseconds (given)", trained.Error, StringComparison.Ordinal);
        var kept = new MLContext().Model.LoadMsVit(Model, out _);
        var options = MsVitPipeline.Of(kept).Before.OfType<EventsToFramesTransformer>().Single().Source.Options;
        Assert.Equal(("x,y,p,t", EventTimeUnit.Microseconds, new SensorSize(16, 16)),
            (options.Reading.Columns, options.Reading.TimeUnit, options.Frames.Area.Sensor));

        var file = Path.Combine(data, "left", "0.csv");
        Assert.Equal(0, Cli.Run("predict", "--model", Model, file).Code);
        foreach (var verb in (string[])["evaluate", "analyze"])
        {
            var (code, _, error) = Cli.Run(verb, "--model", Model, "--data", data);
            Assert.True(code == 0, error);
        }
        // A given option holds for the call.
        var other = Cli.Run("predict", "--model", Model, file, "--columns", "t,x,y,p");
        Assert.Equal(1, other.Code);
        Assert.Contains("the polarity is '1000'", other.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_recording_with_a_larger_sensor_than_the_model_is_read_with_the_options_that_the_error_names()
    {
        Assert.Equal(0, Train(Set((x, y, p, t) => $"{t},{x},{y},{p}", "t,x,y,p\n")).Code);
        var wide = _folder.Write("wide.csv", Encoding.ASCII.GetBytes("t,x,y,p\n1,2,3,1\n2,3,3,0\n3,40,3,1\n"));
        var refused = Cli.Run("predict", "--model", Model, wide);
        Assert.Equal(1, refused.Code);
        Assert.Contains("add --sensor WxH. To skip events outside the sensor, add --outside drop.", refused.Error,
            StringComparison.Ordinal);
        Assert.Equal(0, Cli.Run("predict", "--model", Model, wide, "--outside", "drop").Code);
        Assert.Equal(0, Cli.Run("predict", "--model", Model, wide, "--sensor", "64x64").Code);
    }

    [Theory]
    [InlineData("--unreadable", "skip")]
    [InlineData("--set", "Undecodable=Skip")]
    public void A_recording_that_cannot_be_read_stops_the_training_or_is_skipped(string option, string value)
    {
        var data = Set((x, y, p, t) => $"{t},{x},{y},{p}", "t,x,y,p\n");
        File.WriteAllText(Path.Combine(data, "left", "1.csv"), "t,x,y,p\n1,2,3,nonsense\n");
        var refused = Train(data);
        Assert.Equal(1, refused.Code);
        Assert.Contains("1.csv, line 2: the polarity is 'nonsense'", refused.Error, StringComparison.Ordinal);
        Assert.Contains("add --unreadable skip", refused.Error, StringComparison.Ordinal);

        var trained = Train(data, option, value);
        Assert.True(trained.Code == 0, trained.Error);
        Assert.Contains("1 training row could not be read and is left out. The first of them: row 1, file ", trained.Error,
            StringComparison.Ordinal);

        // The model keeps the policy; a given one holds for the call.
        Assert.Contains("1 more", Cli.Run("evaluate", "--model", Model, "--data", data).Output, StringComparison.Ordinal);
        var stopped = Cli.Run("evaluate", "--model", Model, "--data", data, "--unreadable", "stop");
        Assert.Equal(1, stopped.Code);
        Assert.Contains("1.csv: line 2: the polarity is 'nonsense'", stopped.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--outside", "drop", "--sensor", "8x8")]
    [InlineData("--truncated", "accept")]
    [InlineData("--event-format", "text")]
    [InlineData("--columns", "t,x,y,p")]
    [InlineData("--time-unit", "Nanoseconds")]
    [InlineData("--axes", "raw", "--camera", "davis240", "--invalid", "skip")]
    public void Inspecting_takes_the_options_too(params string[] options)
    {
        var file = Path.Combine(Set((x, y, p, t) => $"{t},{x},{y},{p}"), "left", "0.csv");
        var (code, _, error) = Cli.Run(["data", "inspect", file, .. options]);
        Assert.True(code == 0, error);
    }

    [Theory]
    [InlineData("--outside", "maybe", "expected Stop, Drop")]
    [InlineData("--truncated", "yes", "expected Stop, Accept")]
    [InlineData("--columns", "x,y,p", "expected t, x, y and p once each")]
    [InlineData("--sensor", "0x5", "expected WIDTHxHEIGHT")]
    [InlineData("--time-unit", "days", "expected Microseconds, Milliseconds, Seconds, Nanoseconds")]
    [InlineData("--event-format", "mp4", "expected Aedat1")]
    [InlineData("--camera", "phone", "expected Dvs128, Davis240")]
    [InlineData("--axes", "down", "expected Upright")]
    [InlineData("--invalid", "maybe", "expected Keep, Skip")]
    public void A_value_that_is_not_understood_is_an_error_of_the_command_line(string option, string value, string expected)
    {
        var (code, _, error) = Cli.Run("data", "inspect", _folder.Write("a.csv", "1,2,3,1\n"u8.ToArray()), option, value);
        Assert.Equal(2, code);
        Assert.Contains($"{option} {value} is not understood: {expected}", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Inspecting_says_how_a_recording_is_read()
    {
        var file = _folder.Write("a.csv", "t,x,y,p\n0.001,2,3,1\n0.0025,2,3,1\n"u8.ToArray());
        var output = Cli.Run("data", "inspect", file).Output;
        Assert.Contains("text, columns t,x,y,p (stated), times in seconds (guessed)", output, StringComparison.Ordinal);
        Assert.Contains("time            1000 to 2500 µs", output, StringComparison.Ordinal);
        Assert.Contains("events          none", Cli.Run("data", "inspect", _folder.Write("b.csv", "t,x,y,p\n"u8.ToArray())).Output,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_handful_of_stray_events_is_a_warning_that_says_what_to_add()
    {
        var data = Set((x, y, p, t) => $"{t},{x},{y},{p}", "t,x,y,p\n");
        File.AppendAllText(Path.Combine(data, "left", "0.csv"), "99999,65530,3,1\n");
        var (code, _, error) = Train(data);
        Assert.True(code == 0, error);
        Assert.Contains("warning: The sensor is taken as 65531 x 16 because of 1 of ", error, StringComparison.Ordinal);
        Assert.Contains("add --sensor 16x16 --outside drop.", error, StringComparison.Ordinal);
        var dropped = Train(data, "--sensor", "16x16", "--outside", "drop");
        Assert.True(dropped.Code == 0, dropped.Error);
        Assert.DoesNotContain("warning: The sensor", dropped.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_network_larger_than_the_measured_sensor_is_told_to_give_the_sensor()
    {
        var data = Set((x, y, p, t) => $"{t},{x},{y % 8},{p}", "t,x,y,p\n");
        Assert.Contains(
            "The frame size is 16 x 16; it must be from 1 x 1 to the size of the box, 16 x 8. "
            + "If the sensor is larger than the events seen so far, add --sensor WxH.", Train(data).Error, StringComparison.Ordinal);
        Assert.Equal(0, Train(data, "--sensor", "16x16").Code);
    }

    private (int Code, string Output, string Error) Train(string data, params string[] more)
    {
        _trained++;
        return Cli.Run(
            ["train", "--data", data, "--epochs", "1", "--validation-fraction", "0", "--output", Model, "--device", "cpu", "--set",
                "Height=16", "--set", "Width=16", "--set", "TimeSteps=2", "--set", "EmbedDim=32", "--set", "BatchSize=4", .. more]);
    }

    // Two classes of four recordings, 16 x 16.
    private string Set(Func<int, int, int, int, string> row, string header = "")
    {
        foreach (var (side, name) in Classes.Index())
        {
            for (var i = 0; i < 4; i++)
            {
                var random = new Random((10 * side) + i);
                var text = new StringBuilder(header);
                for (var k = 0; k < 200; k++)
                {
                    var x = k == 0 ? 15 : (8 * side) + random.Next(8);
                    text.Append(row(x, k == 0 ? 15 : random.Next(16), random.Next(2), 1000 + (k * 700))).Append('\n');
                }
                _folder.Write(Path.Combine("set", name, $"{i}.csv"), Encoding.ASCII.GetBytes(text.ToString()));
            }
        }
        return Path.Combine(_folder.Path, "set");
    }
}
