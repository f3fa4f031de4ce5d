using System.Security.Cryptography;
using System.Text.Json;
using MsVit.MLNet.Events;
using MsVit.Tests.Support;

namespace MsVit.Tests.Data.Events.Frames;

/// <summary>The sums beside the recordings were made by another program.</summary>
public sealed class RealFramesTests
{
    [NeedsSharedFact(RealRecordings.Turntable)]
    public void Frames_of_aedat_2_recordings_are_the_recorded_ones()
    {
        foreach (var (name, facts) in Reference(RealRecordings.Turntable))
        {
            var window = facts.GetProperty("window_2s_to_3s");
            AssertFrames(window.GetProperty("frames_upright_T16"), Window(name, upright: true), 16);
            AssertFrames(window.GetProperty("frames_cifar10dvs_T10"), Window(name, upright: false), 10);
        }

        static CameraEvent[] Window(string name, bool upright)
        {
            var events = RealRecordings.Aedat2($"{RealRecordings.Turntable}/{name}", upright);
            return [.. events.Where(e => e.Time - events[0].Time is >= 2_000_000 and < 3_000_000)];
        }
    }

    [NeedsSharedFact(RealRecordings.Gestures)]
    public void Frames_of_labeled_windows_of_aedat_3_recordings_are_the_recorded_ones()
    {
        foreach (var (name, facts) in Reference(RealRecordings.Gestures))
        {
            var events = RealRecordings.Aedat31($"{RealRecordings.Gestures}/{name}");
            foreach (var sample in facts.GetProperty("samples").EnumerateArray())
            {
                var (start, end) = (sample.GetProperty("start").GetInt64(), sample.GetProperty("end").GetInt64());
                AssertFrames(sample.GetProperty("frames_T16"), [.. events.Where(e => e.Time >= start && e.Time < end)], 16);
            }
        }
    }

    [NeedsSharedTheory(RealRecordings.Digits)]
    [InlineData("Test/0")]
    [InlineData("Test/7")]
    public void Frames_of_real_digits_are_those_of_the_slow_way(string folder)
    {
        foreach (var path in Directory.GetFiles(RepositoryRoot.Shared(RealRecordings.Digits, folder)))
        {
            var events = RealRecordings.Bin(path);
            var number = EventFrames.Of(events, new() { TimeSteps = 10 }, RealRecordings.NMnist);
            EventFramesTests.AssertEqual(SlowFrames.ByNumber(events, 10, RealRecordings.NMnist), number);
            var time = EventFrames.Of(events, new() { TimeSteps = 10, Split = EventSplit.Time }, RealRecordings.NMnist);
            EventFramesTests.AssertEqual(SlowFrames.ByTime(events, 10, RealRecordings.NMnist), time);
        }
    }

    [NeedsSharedTheory("data/event-formats")]
    [InlineData("data/event-formats/gen3_evt2.raw", 640, 480)]
    [InlineData("data/event-formats/gen41_evt3.raw", 1280, 720)]
    [InlineData("data/event-formats/ncars_a.dat", 78, 42)]
    [InlineData("data/event-formats/dvxplorer.aedat4", 320, 240)]
    [InlineData("data/dvs128-objects/sessionB_mug.aedat", 128, 128)]
    [InlineData("data/dvs128-objects-aedat31/user01_lab.aedat", 128, 128)]
    [InlineData("data/nmnist/Train/3/00008.bin", 34, 34)]
    public void Frames_of_a_recording_that_is_read_in_pieces_are_those_of_the_slow_way(string path, int width, int height)
    {
        var (events, sensor) = (Slowly(path), new SensorSize(width, height));
        foreach (var split in new[] { EventSplit.Number, EventSplit.Time })
        {
            var options = new EventFrameOptions { TimeSteps = 7, Split = split, Area = new() { Sensor = sensor } };
            var frames = EventFrames.Read(() => EventFile.Open(RepositoryRoot.Shared(path)), options);
            EventFramesTests.AssertEqual(
                split == EventSplit.Number ? SlowFrames.ByNumber(events, 7, sensor) : SlowFrames.ByTime(events, 7, sensor), frames);
        }
    }

    // The events of AEDAT 4 are compressed; those of the library's reader are held against a recorded hash elsewhere.
    private static CameraEvent[] Slowly(string path) => Path.GetExtension(path) switch
    {
        ".raw" when path.Contains("evt2", StringComparison.Ordinal) => RealRecordings.Evt2(path),
        ".raw" => RealRecordings.Evt3(path),
        ".dat" => RealRecordings.Dat(path),
        ".bin" => RealRecordings.Bin(path),
        ".aedat" when path.Contains("aedat31", StringComparison.Ordinal) => RealRecordings.Aedat31(path),
        ".aedat" => RealRecordings.Aedat2(path),
        _ => EventFile.Open(RepositoryRoot.Shared(path)).ReadToEnd(),
    };

    private static List<(string Name, JsonElement Facts)> Reference(string folder)
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(RepositoryRoot.Shared(folder, "reference.json")));
        return [.. json.RootElement.EnumerateObject().Select(property => (property.Name, property.Value.Clone()))];
    }

    private static void AssertFrames(JsonElement expected, CameraEvent[] events, int steps)
    {
        var frames = EventFrames.Of(events, new() { TimeSteps = steps }, RealRecordings.Dvs128);
        var counts = new byte[4 * frames.Length];
        for (var i = 0; i < frames.Length; i++)
        {
            counts[4 * i] = frames.Bytes[i];
        }
        Assert.Equal(expected.GetProperty("sha256_int32").GetString(), Convert.ToHexStringLower(SHA256.HashData(counts)));
    }
}
