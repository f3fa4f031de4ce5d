using MsVit.MLNet.Events;

namespace MsVit.MLNet;

/// <summary>Decodes every sample of an account: what cannot be decoded, sizes, numbers of events, durations.</summary>
internal static class DecodedFiles
{
    private const int Block = 1 << 14;
    private const long LargestImage = 1L << 30;

    /// <summary>Adds what decoding found to an account.</summary>
    public static DataAccount Add(DataAccount account, SampleKind kind, DataAccountOptions options)
    {
        var known = account.Unreadable.ToDictionary(file => file.Path, StringComparer.Ordinal);
        // Every slice of a recording is read in one pass over its file.
        var files = account.Files.SelectMany(part => part.Samples).GroupBy(sample => sample.File.Path, StringComparer.Ordinal)
            .Select(group => (Path: group.Key, Slices: group.Select(sample => (sample.Start, sample.End)).Distinct().ToArray())).ToArray();
        var found = new (UnreadableFile[] Faults, string? Size, RecordingAccount[] Recordings)[files.Length];
        var done = 0;
        Parallel.For(0, files.Length, new ParallelOptions { CancellationToken = options.CancellationToken }, i =>
        {
            var (path, slices) = files[i];
            found[i] = known.TryGetValue(path, out var broken) ? ([broken], null, [])
                : kind == SampleKind.Images ? Image(path, options)
                : Recording(path, slices, options);
            options.Progress?.Report((Interlocked.Increment(ref done), files.Length));
        });
        var recordings = found.SelectMany(file => file.Recordings).ToArray();
        var sizes = found.Select(file => file.Size).OfType<string>().Concat(
            recordings.Select(recording => (recording.IsSensorStated ? "" : "at least ") + recording.Sensor));
        return account with
        {
            IsDecoded = true,
            Unreadable = [.. found.SelectMany(file => file.Faults)],
            Recordings = recordings,
            Sizes =
            [
                .. sizes.CountBy(size => size).OrderByDescending(size => size.Value).ThenBy(size => size.Key, StringComparer.Ordinal)
                    .Select(size => new SizeCount(size.Key, size.Value)),
            ],
        };
    }

    // What is wrong, without the path that the account names anyway.
    private static string Reason(string path, string message)
    {
        var rest = message.StartsWith(path, StringComparison.Ordinal) ? message[path.Length..].TrimStart(':', ',', ' ') : message;
        return rest.TrimEnd('.');
    }

    private static (UnreadableFile[], string?, RecordingAccount[]) Image(string path, DataAccountOptions options)
    {
        try
        {
            if (new FileInfo(path).Length > LargestImage)
            {
                return ([new(path, "no image is larger than 1 GiB")], null, []);
            }
            var image = ImageDecoder.Decode(File.ReadAllBytes(path), path);
            return ([], $"{image.Width} x {image.Height}", []);
        }
        catch (Exception e) when (e is UndecodableImageException or IOException or UnauthorizedAccessException)
        {
            return ([new(path, Reason(path, options.Describe(e)))], null, []);
        }
    }

    private static (UnreadableFile[], string?, RecordingAccount[]) Recording(
        string path, (long Start, long End)[] slices, DataAccountOptions options)
    {
        try
        {
            using var recording = EventFile.Open(path, options.Reading);
            var tallies = slices.Select(slice => new SliceTally(slice.Start, slice.End)).ToArray();
            var whole = new SliceTally(long.MinValue, long.MaxValue);
            var events = new CameraEvent[Block];
            while (recording.Read(events) is > 0 and var count)
            {
                whole.Add(events.AsSpan(0, count));
                foreach (var tally in tallies)
                {
                    tally.Add(events.AsSpan(0, count));
                }
            }
            if (whole.Events == 0)
            {
                return ([new(path, "the recording has no events")], null, []);
            }
            var sensor = recording.Sensor ?? new SensorSize(whole.Right + 1, whole.Bottom + 1);
            return (
                [
                    .. tallies.Where(tally => tally.Events == 0).Select(tally => new UnreadableFile(path,
                        $"the slice from {tally.Start} to {tally.End} µs has no events; the recording lasts from {whole.First} to "
                        + $"{whole.Last} µs")),
                ],
                null,
                [
                    .. tallies.Where(tally => tally.Events > 0).Select(tally => new RecordingAccount(
                        path, recording.Format, sensor, recording.Sensor is not null, tally.Events,
                        TimeSpan.FromMicroseconds(tally.Last - tally.First))),
                ]);
        }
        catch (Exception e) when (e is FormatException or InvalidDataException or IOException or UnauthorizedAccessException)
        {
            return ([new(path, Reason(path, options.Describe(e)))], null, []);
        }
    }

    private sealed class SliceTally(long start, long end)
    {
        public long Start => start;

        public long End => end;

        public long Events { get; private set; }

        public long First { get; private set; }

        public long Last { get; private set; }

        public int Right { get; private set; }

        public int Bottom { get; private set; }

        public void Add(ReadOnlySpan<CameraEvent> events)
        {
            foreach (var item in events)
            {
                if (item.Time >= start && item.Time < end)
                {
                    First = Events++ == 0 ? item.Time : First;
                    (Last, Right, Bottom) = (item.Time, Math.Max(Right, item.X), Math.Max(Bottom, item.Y));
                }
            }
        }
    }
}
