using Microsoft.ML.Data;
using MsVit.MLNet;
using MsVit.MLNet.Events;
using MsVit.Trainer.Data;

namespace MsVit.Trainer.Runs;

/// <summary>Reads samples of the test set before training, so that a damaged file is found in seconds and not after hours.</summary>
/// <remarks>Images are decoded. Recordings are read up to the first event of their slice.</remarks>
internal static class TestSetCheck
{
    private const int MostRead = 1000;
    private const int Shown = 3;
    private const int Block = 4096;

    /// <summary>Reads up to a thousand samples, evenly spread over the set.</summary>
    /// <param name="test">The test set.</param>
    /// <param name="options">Gives the policy for unreadable files and the largest image.</param>
    /// <param name="warn">Is told of files that the evaluation will skip.</param>
    /// <exception cref="InvalidDataException">A file cannot be read, and the policy is not to skip it.</exception>
    public static void Run(OpenedData test, MsVitOptions options, Action<string> warn)
    {
        var faults = test.IsEvents ? OfRecordings(test)
            : test.View.Schema.GetColumnOrNull(ImageColumns.ImagePath) is null ? []
            : OfImages(test, options.MaxPixels);
        if (faults.Count == 0)
        {
            return;
        }
        var found = $"{faults.Count} of the {test.Noun} of the test set {test.Path} cannot be read: {string.Join("; ", faults.Take(Shown))}"
            + $"{(faults.Count > Shown ? $"; and {faults.Count - Shown} more" : "")}.";
        if (options.Undecodable != UndecodableImagePolicy.Skip)
        {
            throw new InvalidDataException(
                $"{found} The model could not be evaluated after training. Repair or remove them, or add --unreadable skip.");
        }
        warn($"{found} The evaluation skips them.");
    }

    private static List<string> OfImages(OpenedData test, int maxPixels)
    {
        string[] paths = [.. Spread([.. test.View.GetColumn<string>(ImageColumns.ImagePath)])];
        var faults = new string?[paths.Length];
        Parallel.For(0, paths.Length, i => faults[i] = Fault(paths[i], () =>
            _ = ImageDecoder.Decode(File.ReadAllBytes(paths[i]), paths[i], target: null, maxPixels)));
        return [.. faults.OfType<string>()];
    }

    private static List<string> OfRecordings(OpenedData test)
    {
        var rows = test.View.GetColumn<string>(EventColumns.Path).Zip(
            test.View.GetColumn<long>(EventColumns.Start), test.View.GetColumn<long>(EventColumns.End));
        var files = Spread([.. rows]).GroupBy(row => row.First, row => (row.Second, row.Third)).ToArray();
        var faults = new List<string>[files.Length];
        Parallel.For(0, files.Length, i => faults[i] = OfRecording(files[i].Key, [.. files[i]], test.Reading));
        return [.. faults.SelectMany(fault => fault)];
    }

    private static List<string> OfRecording(string path, List<(long Start, long End)> slices, EventReadOptions reading)
    {
        var fault = Fault(path, () =>
        {
            using var stream = EventFile.OpenStream(path);
            if (FrameArchive.Holds(stream, path))
            {
                slices.Clear();
                return;
            }
            using var recording = EventFile.Open(stream, path, reading, leaveOpen: true);
            var events = new CameraEvent[Block];
            while (slices.Count > 0 && recording.Read(events) is > 0 and var count)
            {
                foreach (ref readonly var e in events.AsSpan(0, count))
                {
                    var time = e.Time;
                    _ = slices.Count > 0 ? slices.RemoveAll(slice => slice.Start <= time && time < slice.End) : 0;
                }
            }
        });
        return fault is not null ? [fault]
            : [.. slices.Select(slice => slice.Start == long.MinValue ? $"{path}: it has no events"
                : $"{path}: it has no events from {slice.Start} to {slice.End} µs")];
    }

    private static string? Fault(string path, Action read)
    {
        try
        {
            read();
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException or FormatException)
        {
            var message = ErrorLine.Of(e);
            // What to do is said once, for all files.
            var reason = message.StartsWith($"{path}: ", StringComparison.Ordinal) ? message[(path.Length + 2)..] : message;
            return $"{path}: {reason.Split(". ")[0].TrimEnd('.')}";
        }
    }

    private static IEnumerable<T> Spread<T>(IReadOnlyList<T> rows)
    {
        var count = Math.Min(MostRead, rows.Count);
        return Enumerable.Range(0, count).Select(i => rows[(int)((long)i * rows.Count / count)]);
    }
}
