using System.Runtime.ExceptionServices;

namespace MsVit.MLNet.Events;

/// <summary>What the files of a data set state about themselves, and the sensor that their events need if they do not state it.</summary>
/// <remarks>Each file is opened once; it is read to its end only if neither the caller nor the file states the sensor.</remarks>
internal sealed record RecordingSurvey
{
    private const int MostNamed = 3;

    /// <summary>The recordings, each with its sensor if that is known.</summary>
    public required IReadOnlyList<EventRecording> Recordings { get; init; }

    /// <summary>The sensor of all recordings; null if it is unknown or they have different ones.</summary>
    public required SensorSize? Sensor { get; init; }

    /// <summary>How the sensor is known.</summary>
    public required EventFactSource SensorSource { get; init; }

    /// <summary>The ways in which files are read, the most frequent first, each with the number of files and one of them.</summary>
    public required IReadOnlyList<(string Description, int Count, string Example)> Kinds { get; init; }

    /// <summary>The files that cannot be read, each with the reason. If the sensor is stated, only their beginning was tried.</summary>
    public required IReadOnlyList<(string Path, Exception Reason)> Unreadable { get; init; }

    /// <summary>What may be wrong although the files can be read.</summary>
    public required IReadOnlyList<Advice> Warnings { get; init; }

    /// <summary>Opens every file.</summary>
    /// <param name="recordings">The recordings; several may be slices of one file.</param>
    /// <param name="reading">How to read them.</param>
    /// <param name="cancellation">Stops with an <see cref="OperationCanceledException"/>.</param>
    public static RecordingSurvey Of(
        IReadOnlyList<EventRecording> recordings, EventReadOptions reading, CancellationToken cancellation = default)
    {
        string[] paths = [.. recordings.Select(recording => recording.Path).Distinct(StringComparer.Ordinal)];
        var given = reading.Sensor ?? CommonOf(recordings);
        var files = new SurveyedFile[paths.Length];
        var extent = new SensorExtent();
        Parallel.For(
            0, paths.Length, new ParallelOptions { CancellationToken = cancellation },
            () => (SensorExtent?)null,
            (i, _, own) =>
            {
                files[i] = SurveyedFile.Read(paths[i], reading with { Sensor = given }, ref own, cancellation);
                return own;
            },
            own =>
            {
                if (own is not null)
                {
                    lock (extent)
                    {
                        extent.Add(own);
                    }
                }
            });
        var warnings = new List<Advice>();
        var (common, source) = given is not null ? (given, EventFactSource.Given) : SensorOf(files, extent, warnings);
        if (UnitsDiffer(files) is { } units)
        {
            warnings.Add(units);
        }
        var stated = paths.Zip(files, (path, file) => (path, file.Facts?.Sensor)).ToDictionary(pair => pair.path, pair => pair.Sensor);
        return new()
        {
            Recordings =
            [
                .. recordings.Select(recording => recording with { Sensor = common ?? recording.Sensor ?? stated[recording.Path] }),
            ],
            Sensor = common,
            SensorSource = source,
            Kinds = [.. files.Where(file => file.Facts is not null).GroupBy(file => file.Description, StringComparer.Ordinal)
                .Select(group => (group.Key, group.Count(), group.First().Path)).OrderByDescending(kind => kind.Item2)],
            Unreadable = [.. files.Where(file => file.Reason is not null).Select(file => (file.Path, file.Reason!))],
            Warnings = warnings,
        };
    }

    /// <summary>Throws if no file can be read.</summary>
    /// <exception cref="EventFormatException">The reason of the first file; other exceptions if the file system prevents it.</exception>
    public void CheckReadable()
    {
        if (Kinds.Count == 0 && Unreadable.Count > 0)
        {
            ExceptionDispatchInfo.Throw(Unreadable[0].Reason);
        }
    }

    private static SensorSize? CommonOf(IReadOnlyList<EventRecording> recordings)
    {
        var first = recordings.Count > 0 ? recordings[0].Sensor : null;
        return first is not null && recordings.All(recording => recording.Sensor == first) ? first : null;
    }

    private static (SensorSize?, EventFactSource) SensorOf(SurveyedFile[] files, SensorExtent extent, List<Advice> warnings)
    {
        SensorSize[] stated = [.. files.Select(file => file.Facts?.Sensor).OfType<SensorSize>().Distinct()];
        if (extent.Events == 0)
        {
            return stated.Length == 1 ? (stated[0], EventFactSource.Stated) : (null, EventFactSource.Unknown);
        }
        var measured = extent.Size();
        if (stated.Length == 1 && measured.Width <= stated[0].Width && measured.Height <= stated[0].Height)
        {
            return (stated[0], EventFactSource.Stated);
        }
        if (extent.Warning() is { } warning)
        {
            warnings.Add(warning);
        }
        SensorSize[] sizes = [measured, .. stated];
        return (new(sizes.Max(size => size.Width), sizes.Max(size => size.Height)), EventFactSource.Measured);
    }

    private static Advice? UnitsDiffer(SurveyedFile[] files)
    {
        var units = files.Where(file => file.Facts?.Columns is not null).GroupBy(file => file.Facts!.TimeUnit)
            .OrderByDescending(group => group.Count()).ToArray();
        if (units.Length < 2)
        {
            return null;
        }
        var rest = units[1..].SelectMany(group => group).ToArray();
        return new(
            $"Times look like {units[0].Key.ToString().ToLowerInvariant()} in {units[0].Count()} recordings, but "
            + string.Join(" and ", units[1..].Select(group => $"like {group.Key.ToString().ToLowerInvariant()} in {group.Count()}"))
            + $": {string.Join(", ", rest.Take(MostNamed).Select(file => file.Path))}{(rest.Length > MostNamed ? ", ..." : "")}.",
            [new("If the unit is the same in all of them", RemedyOption.TimeUnit)]);
    }
}
