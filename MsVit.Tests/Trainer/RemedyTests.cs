using System.Text;
using System.Text.RegularExpressions;
using Microsoft.ML;
using MsVit.MLNet;
using MsVit.MLNet.Events;
using MsVit.Tests.Data.Events;
using MsVit.Tests.Support;
using MsVit.Trainer;

namespace MsVit.Tests.Trainer;

/// <summary>An error names the option that helps as the user of the library or of the command line knows it.</summary>
public sealed partial class RemedyTests : IDisposable
{
    private static readonly CameraEvent[] Events = SlowRecordings.Events(40, seed: 1);

    private static readonly Dictionary<string, (Action Fail, string InCode, string OnCommandLine)> Cases = new()
    {
        ["unknown format"] = (() => Open([0, 1, 2, 3], "a.dat"), "set Format", "add --event-format NAME"),
        ["outside"] = (() => Read(AllFormats.Bytes("a.dat", Events), "a.dat", new() { Sensor = new(5, 5) }),
            "If the sensor is larger, set Sensor. To skip events outside the sensor, set OutOfRange to Drop.",
            "If the sensor is larger, add --sensor WxH. To skip events outside the sensor, add --outside drop."),
        ["truncated record"] = (() => Read(AllFormats.Bytes("evt3.raw", Events)[..^1], "a.raw"), "set AcceptTruncated to true",
            "add --truncated accept"),
        ["truncated packet"] = (() => Read(AllFormats.Bytes("lz4.aedat4", Events)[..^9], "a.aedat4"), "set AcceptTruncated to true",
            "add --truncated accept"),
        ["truncated array"] = (() => Read(AllFormats.Bytes("a.npy", Events)[..^9], "a.npy"), "set AcceptTruncated to true",
            "add --truncated accept"),
        ["camera"] = (() => Open([.. "#!AER-DAT2.0\r\n# AEChip: eu.seebetter.DAVIS346\r\n"u8, 0, 0, 0, 0, 0, 0, 0, 0], "a.aedat"),
            "set Camera", "add --camera NAME"),
        ["address"] = (() => Read([.. "#!AER-DAT2.0\r\n"u8, 1, 0, 0, 0, 0, 0, 0, 1], "a.aedat"), "set Camera", "add --camera NAME"),
        ["axes"] = (() => Open(AllFormats.Bytes("davis.aedat", Events), "a.aedat", new() { Axes = AedatAxes.Cifar10Dvs }),
            "set Axes to Upright", "add --axes upright"),
        ["order"] = (() => Open(Text(e => $"{e.X},{e.Y},{(e.On ? 1 : 0)},{e.Time}"), "a.csv"), "If so, set Columns to x,y,p,t.",
            "If so, add --columns x,y,p,t."),
        ["no order"] = (() => Open(Text(e => $"{e.X},{e.X},{e.Y},{e.Y}"), "a.csv"), "set Columns", "add --columns NAMES"),
        ["names"] = (() => Open("a,b,c,d\n1,2,3,1\n"u8.ToArray(), "a.csv"), "set Columns", "add --columns NAMES"),
        ["too few columns"] = (() => Read("1,2,3\n"u8.ToArray(), "a.csv"), "set Columns", "add --columns NAMES"),
        ["too few columns in an array"] = (() => Open(NpyFile.Of("i8", "(1, 3)", [1, 2, 3]), "a.npy"),
            "set Columns", "add --columns NAMES"),
        ["polarity"] = (() => Read("t,x,y,p\n1,2,3,9\n"u8.ToArray(), "a.csv"), "set Columns", "add --columns NAMES"),
        ["time"] = (() => Read("t_us,x,y,p\n1.5,2,3,1\n"u8.ToArray(), "a.csv"), "If times are in another unit, set TimeUnit.",
            "If times are in another unit, add --time-unit UNIT."),
        ["time in an array"] = (() => Read(NpyFile.Of("f8", "(2, 4)", [1, 2, 3, 1, 1.5, 2, 3, 1]), "a.npy",
            new() { TimeUnit = EventTimeUnit.Microseconds }), "set TimeUnit", "add --time-unit UNIT"),
        ["unknown sensor"] = (() => EventFrames.Of(Events, new()), "Set Frames.Area.Sensor.", "Add --sensor WxH."),
        ["frame larger than the sensor"] = (
            () => EventFrames.Of(Events, new() { Area = new() { Sensor = new(34, 24), Size = new(34, 34) } }),
            "set Frames.Area.Sensor", "add --sensor WxH"),
        ["frame larger than the sensor, in a file"] = (
            () => new RecordingFrames(new() { Area = new() { Size = new(34, 34) } }, new(), new())
                .Read("a.dat", new(34, 24), _ => EventFile.Open(SlowRecordings.Atis([]), "a.bin", new() { Sensor = new(34, 24) })),
            "set Frames.Area.Sensor", "add --sensor WxH"),
        ["different sensors"] = (() => DifferentSensors(), "To use one for all, set Frames.Area.Sensor.",
            "To use one for all, add --sensor WxH."),
        ["other number of frames"] = (() => StoredEventFrames.Fit(new(new float[4], 2, 2, 1, 1), new() { TimeSteps = 4 }, "a.npz"),
            "set Frames.TimeSteps to 2", "add --set TimeSteps=2"),
        ["image"] = (() => InputFault.Check(new("a.png", "The image is empty."), UndecodableImagePolicy.Throw),
            "To leave out what cannot be read, set Undecodable to Skip.", "To leave out what cannot be read, add --unreadable skip."),
        ["recording"] = (() => InputFault.Check(
            InputFault.Of("row 0", new EventFormatException("a.dat", "byte 5", "it is damaged.")), UndecodableImagePolicy.Throw),
            "a.dat, byte 5: it is damaged. To leave out what cannot be read, set Unreadable to Missing and Undecodable to Skip.",
            "a.dat, byte 5: it is damaged. To leave out what cannot be read, add --unreadable skip."),
        ["recording with another way out"] = (() => InputFault.Check(
            InputFault.Of("row 0", new EventFormatException("a.dat", "byte 5", "it is cut.", [ReadingRemedies.AcceptTruncated])),
            UndecodableImagePolicy.Throw),
            "set AcceptTruncated to true. To leave out what cannot be read, set Unreadable to Missing and Undecodable to Skip.",
            "add --truncated accept. To leave out what cannot be read, add --unreadable skip."),
    };

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Names => [.. Cases.Keys];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Names))]
    public void Each_user_reads_the_name_that_he_can_set(string name)
    {
        var (fail, inCode, onCommandLine) = Cases[name];
        var error = Record.Exception(fail);
        Assert.NotNull(error);
        Assert.Contains(inCode, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("--", error.Message, StringComparison.Ordinal);
        var line = ErrorLine.Of(error);
        Assert.Contains(onCommandLine, line, StringComparison.Ordinal);
        Assert.DoesNotMatch(CodeName(), line);
    }

    [Fact]
    public void Every_option_that_an_error_may_name_is_an_option_of_the_command_line()
    {
        var help = Cli.Run("train", "--help").Output;
        Assert.All(Enum.GetValues<RemedyOption>(), option =>
        {
            var words = RemedyWords.Words(new(option)).Split(' ', '=');
            Assert.True(
                option == RemedyOption.Unreadable ? words[0].Length == 0 : help.Contains(words[0], StringComparison.Ordinal), words[0]);
        });
    }

    [Fact]
    public void No_message_of_the_library_names_an_option_of_reading_in_its_text()
    {
        var files = Directory.EnumerateFiles(RepositoryRoot.File("MsVit.MLNet"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains(Path.Combine("Data", "Remedies"), StringComparison.Ordinal));
        var found = files.SelectMany(File.ReadLines).Where(line => SetsAnOption().IsMatch(line));
        Assert.Empty(found);
    }

    private static void Open(byte[] bytes, string name, EventReadOptions? options = null) => EventFile.Open(bytes, name, options).Dispose();

    private static void Read(byte[] bytes, string name, EventReadOptions? options = null) => AllFormats.Read(bytes, name, options);

    private static byte[] Text(Func<CameraEvent, string> row) => Encoding.ASCII.GetBytes(string.Concat(Events.Select(e => row(e) + "\n")));

    private static void DifferentSensors()
    {
        var ml = new MLContext();
        var data = ml.Data.LoadEventRecordings(
            [new EventRecording("a", "a") { Sensor = new(3, 4) }, new EventRecording("b", "b") { Sensor = new(5, 6) }]);
        ml.Transforms.EventsToFrames(frames: new() { TimeSteps = 2 }).Fit(data);
    }

    [GeneratedRegex(@"(?<!-)\b[Ss]et [A-Z]|AcceptTruncated|OutOfRange|Frames\.|TimeUnit|Undecodable")]
    private static partial Regex CodeName();

    [GeneratedRegex(
        @"""[^""]*\b[Ss]et (Format|Sensor|OutOfRange|Accept\w+|Axes|Camera|Columns|TimeUnit|Undecodable|Unreadable|Area|Frames)\b")]
    private static partial Regex SetsAnOption();
}
