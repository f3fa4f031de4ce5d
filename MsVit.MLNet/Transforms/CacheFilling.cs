using Microsoft.ML.Runtime;

namespace MsVit.MLNet.Events;

/// <summary>The progress of filling a cache of frames.</summary>
/// <param name="Done">Recordings that are finished: cached, or unreadable.</param>
/// <param name="Total">Recordings in all.</param>
/// <param name="Unreadable">Recordings that could not be read.</param>
public readonly record struct EventCacheProgress(int Done, int Total, int Unreadable);

/// <summary>Decodes recordings into the cache on all cores. It can be stopped at any time: what is cached is not decoded again.</summary>
internal static class CacheFilling
{
    /// <returns>How many recordings could not be read. Reading their frames later reports why.</returns>
    public static int Run(FramesSource source, IReadOnlyList<EventRecording> recordings, IProgressChannel progress, Action checkAlive)
    {
        var (done, unreadable) = (0, 0);
        var reporting = new Lock();
        progress.SetHeader(new ProgressHeader(["recordings"]), entry => entry.SetProgress(0, Volatile.Read(ref done), recordings.Count));
        Parallel.ForEach(recordings, recording =>
        {
            checkAlive();
            var readable = CanRead(source, recording);
            lock (reporting)
            {
                done++;
                unreadable += readable ? 0 : 1;
                source.Options.CacheProgress?.Invoke(new(done, recordings.Count, unreadable));
            }
        });
        return unreadable;
    }

    private static bool CanRead(FramesSource source, EventRecording recording)
    {
        try
        {
            return source.Read(recording).Length > 0;
        }
        catch (Exception e) when (e is FormatException or IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
