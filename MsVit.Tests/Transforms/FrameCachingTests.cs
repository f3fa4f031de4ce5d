using Microsoft.ML;
using Microsoft.ML.Data;
using MsVit.MLNet.Events;
using MsVit.Tests.Support;

namespace MsVit.Tests.Transforms;

public sealed class FrameCachingTests : IDisposable
{
    private const int Recordings = 6;

    private readonly RecordingFolder _recordings = new(perClass: Recordings / 3);
    private readonly TemporaryFolder _cache = new();
    private readonly MLContext _ml = new(seed: 1);

    [Fact]
    public void Fitting_fills_the_cache_and_reports_each_recording_once()
    {
        var reports = new List<EventCacheProgress>();
        var frames = Frames(Options() with { CacheProgress = reports.Add });
        Assert.Equal(Enumerable.Range(1, Recordings), reports.Select(report => report.Done));
        Assert.All(reports, report => Assert.Equal((Recordings, 0), (report.Total, report.Unreadable)));
        Assert.Equal(Recordings, Directory.GetFiles(_cache.Path).Length);
        Assert.Equal(Frames(Options() with { CacheFolder = null }), frames);
    }

    [Fact]
    public void What_is_in_the_cache_is_not_decoded_again()
    {
        Frames(Options());
        foreach (var file in Directory.GetFiles(_cache.Path))
        {
            Swap(file);
        }
        Assert.All(Frames(Options()), frames => Assert.All(frames, count => Assert.Equal(7, count)));
    }

    [Fact]
    public void Other_options_another_slice_and_a_changed_file_are_other_entries()
    {
        Frames(Options());
        Frames(Options() with { Frames = Options().Frames with { MaxCount = 1 } });
        Assert.Equal(2 * Recordings, Directory.GetFiles(_cache.Path).Length);
        File.SetLastWriteTimeUtc(Directory.GetFiles(_recordings.Path, "00.aedat", SearchOption.AllDirectories)[0],
            DateTime.UtcNow.AddDays(1));
        Frames(Options());
        Assert.Equal((2 * Recordings) + 1, Directory.GetFiles(_cache.Path).Length);
    }

    [Fact]
    public void A_bound_of_nothing_keeps_nothing_and_changes_no_frame()
    {
        Assert.Equal(Frames(Options() with { CacheFolder = null }), Frames(Options() with { CacheBytes = 0 }));
        Assert.Empty(Directory.GetFiles(_cache.Path));
    }

    public void Dispose()
    {
        _recordings.Dispose();
        _cache.Dispose();
    }

    private EventsToFramesOptions Options() => new()
    {
        Frames = new() { TimeSteps = 2, Area = new() { Size = new(8, 8) } },
        CacheFolder = _cache.Path,
    };

    private byte[][] Frames(EventsToFramesOptions options)
    {
        var data = _ml.Data.LoadEventRecordings(_recordings.Path);
        return [.. _ml.Transforms.EventsToFrames(options).Fit(data).Transform(data).GetColumn<byte[]>("Frames")];
    }

    // A valid entry of other frames, which no recording gives.
    private static void Swap(string file)
    {
        var frames = new byte[2 * 2 * 8 * 8];
        Array.Fill(frames, (byte)7);
        File.WriteAllBytes(file, [.. System.Security.Cryptography.SHA256.HashData(frames), .. frames]);
    }
}
