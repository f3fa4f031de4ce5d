using MsVit.MLNet.Events;

namespace MsVit.Trainer.Bench;

/// <summary>A recording in memory, decoded by one thread into a caller's buffer; bounded by a plain copy of the same bytes.</summary>
internal static class EventDecodeBenchmark
{
    // Large enough that the bytes come from memory, not from a cache.
    private const int RecordingBytes = 32 << 20;
    private const int QuickRecordingBytes = 64 << 10;

    // 64 KiB, as a builder of frames would take them.
    private const int BufferEvents = 4096;

    /// <summary>A row in million events a second.</summary>
    /// <param name="name">Of the row.</param>
    /// <param name="format">The format.</param>
    /// <param name="eventBytes">About how many bytes an event takes, which decides how many there are.</param>
    /// <param name="settings">How to measure.</param>
    public static BenchmarkRow Run(string name, EventFormat format, int eventBytes, BenchmarkSettings settings)
    {
        const int Ours = 0, Copy = 1;
        var count = (settings.Quick ? QuickRecordingBytes : RecordingBytes) / eventBytes;
        var (file, bytes) = DrawnEvents.Recording(format, count);
        var events = new CameraEvent[BufferEvents];
        var copy = new byte[bytes.Length];
        var times = Measurement.Of(settings, Decode, () => bytes.CopyTo(copy, 0));
        var seconds = times.Seconds(Ours);
        return new()
        {
            Name = name,
            Median = count / seconds / 1e6,
            Unit = "Mevents/s",
            ShareOfPeak = times.Ratio(Copy, Ours),
            MegabytesPerSecond = bytes.Length / seconds / 1e6,
        };

        void Decode()
        {
            using var reader = EventFile.Open(bytes, file);
            while (reader.Read(events) > 0)
            {
            }
            if (reader.Tally.Events != count)
            {
                throw new InvalidOperationException($"{name}: {reader.Tally.Events} of {count} events were decoded.");
            }
        }
    }
}
