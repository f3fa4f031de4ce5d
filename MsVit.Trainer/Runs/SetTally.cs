using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;
using MsVit.MLNet;
using MsVit.MLNet.Events;
using MsVit.Trainer.Data;
using static System.FormattableString;

namespace MsVit.Trainer.Runs;

/// <summary>
/// The result of reading a whole data set: how many samples each class has, the sizes of the images or the lengths of the recordings, and
/// which files cannot be read.
/// </summary>
internal sealed record SetTally
{
    private const int FaultsShown = 5;
    private const int SizesShown = 5;

    public required OpenedData Data { get; init; }

    /// <summary>Samples of each class, by name.</summary>
    public required IReadOnlyList<(string Class, int Count)> Classes { get; init; }

    /// <summary>Images or sensors of each size, the most frequent first.</summary>
    public required IReadOnlyList<(string Size, int Count)> Sizes { get; init; }

    /// <summary>For recordings: the spread of their lengths in seconds, and of their numbers of events.</summary>
    public (Spread Seconds, Spread Events)? Recordings { get; init; }

    /// <summary>One message for each file that cannot be read.</summary>
    public required IReadOnlyList<string> Faults { get; init; }

    /// <summary>Reads a set.</summary>
    public static SetTally Of(OpenedData data, CancellationToken cancellation)
    {
        (string, int)[] classes = [.. data.View.GetColumn<string>(ImageColumns.Label).CountBy(label => label)
            .OrderBy(count => count.Key, StringComparer.Ordinal).Select(count => (count.Key, count.Value))];
        return data.Format switch
        {
            DataFormat.Events => OfRecordings(data, classes, cancellation),
            DataFormat.Folder => OfImages(data, classes, cancellation),
            // Records of one size, checked when the set was opened.
            _ => new() { Data = data, Classes = classes, Sizes = [(SizeOf(data.View), classes.Sum(count => count.Item2))], Faults = [] },
        };
    }

    public JsonObject ToJson()
    {
        var json = new JsonObject
        {
            ["format"] = Data.Format.ToString().ToLowerInvariant(),
            ["count"] = Classes.Sum(count => count.Count),
            ["classes"] = new JsonObject(Classes.Select(count => KeyValuePair.Create(count.Class, (JsonNode?)count.Count))),
            ["sizes"] = new JsonObject(Sizes.Select(count => KeyValuePair.Create(count.Size, (JsonNode?)count.Count))),
            ["faults"] = new JsonArray([.. Faults.Select(fault => (JsonNode)fault)]),
        };
        if (Recordings is { } recordings)
        {
            json["seconds"] = recordings.Seconds.ToJson();
            json["events"] = recordings.Events.ToJson();
        }
        return json;
    }

    public void Write(TextWriter output)
    {
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{Data.Path}: {Classes.Sum(count => count.Count)} {Data.Noun} in {Classes.Count} classes, ")
            + $"format {Data.Format.ToString().ToLowerInvariant()}");
        foreach (var (name, count) in Classes)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{count,9}  {name}"));
        }
        var shown = string.Join(", ", Sizes.Take(SizesShown).Select(size => $"{size.Size} ({size.Count})"));
        output.WriteLine($"sizes      {shown}{(Sizes.Count > SizesShown ? $" and {Sizes.Count - SizesShown} more" : "")}");
        if (Recordings is var (seconds, events))
        {
            output.WriteLine(Invariant($"seconds    {seconds.Least:0.000} to {seconds.Most:0.000}, median {seconds.Median:0.000}"));
            output.WriteLine(Invariant($"events     {events.Least:0} to {events.Most:0}, median {events.Median:0}"));
        }
        output.WriteLine($"unreadable {Faults.Count}{(Faults.Count == 0 ? "" : ":")}");
        foreach (var fault in Faults.Take(FaultsShown))
        {
            output.WriteLine($"           {fault}");
        }
        if (Faults.Count > FaultsShown)
        {
            output.WriteLine($"           and {Faults.Count - FaultsShown} more; --json lists them all.");
        }
    }

    private static SetTally OfRecordings(OpenedData data, (string, int)[] classes, CancellationToken cancellation)
    {
        var read = Each(data.View.GetColumn<string>(EventColumns.Path), path => RecordingTally.Read(path), cancellation);
        var whole = read.Select(file => file.Found).OfType<RecordingTally>().ToArray();
        return new()
        {
            Data = data,
            Classes = classes,
            Sizes = Counted(whole.Select(tally => tally.Sensor?.ToString() ?? $"at least {tally.MaxX + 1} x {tally.MaxY + 1}")),
            Recordings = whole.Length == 0
                ? null
                : (Spread.Of(whole.Select(Seconds)), Spread.Of(whole.Select(tally => (double)tally.Counts.Events))),
            Faults = Faulty(read),
        };

        static double Seconds(RecordingTally tally) => tally.First is { } first ? (tally.Last!.Value.Time - first.Time) / 1e6 : 0;
    }

    private static SetTally OfImages(OpenedData data, (string, int)[] classes, CancellationToken cancellation)
    {
        var read = Each(data.View.GetColumn<string>(ImageColumns.ImagePath), SizeOf, cancellation);
        var sizes = Counted(read.Select(file => file.Found).OfType<string>());
        return new() { Data = data, Classes = classes, Sizes = sizes, Faults = Faulty(read) };
    }

    private static (T? Found, string? Fault)[] Each<T>(IEnumerable<string> paths, Func<string, T> read, CancellationToken cancellation)
        where T : class
    {
        string[] files = [.. paths];
        var found = new (T?, string?)[files.Length];
        Parallel.For(0, files.Length, new ParallelOptions { CancellationToken = cancellation }, i =>
        {
            try
            {
                found[i] = (read(files[i]), null);
            }
            catch (Exception e) when (e
                is IOException or UnauthorizedAccessException or InvalidDataException or FormatException or ArgumentException)
            {
                var message = ErrorLine.Of(e);
                found[i] = (null, message.Contains(files[i], StringComparison.Ordinal) ? message : $"{files[i]}: {message}");
            }
        });
        return found;
    }

    private static string[] Faulty<T>((T? Found, string? Fault)[] read) => [.. read.Select(file => file.Fault).OfType<string>()];

    private static (string, int)[] Counted(IEnumerable<string> sizes) => [.. sizes.CountBy(size => size)
        .OrderByDescending(size => size.Value).ThenBy(size => size.Key, StringComparer.Ordinal).Select(size => (size.Key, size.Value))];

    private static string SizeOf(string path)
    {
        using var image = MLImage.CreateFromFile(path);
        return $"{image.Width} x {image.Height}";
    }

    private static string SizeOf(IDataView view) => view.Schema[ImageColumns.Image].Type is ImageDataViewType { Width: > 0 } image
        ? $"{image.Width} x {image.Height}"
        : "of any size";
}
