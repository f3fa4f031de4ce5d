using System.Globalization;

namespace MsVit.MLNet.Events;

/// <summary>Reads a list of recordings: a header path,label or path,label,start,end, then one recording per row.</summary>
/// <remarks>
/// Paths are relative to the list. Start and end are microseconds on the recording's clock; either may be empty. A path or label that
/// contains a comma is enclosed in double quotes, and quotes within it are doubled.
/// </remarks>
internal static class EventRecordingList
{
    private const string Short = "path,label", Long = "path,label,start,end";

    /// <summary>Reads a list without opening recordings.</summary>
    /// <exception cref="EventFormatException">The header or a row is invalid; the message gives the line.</exception>
    /// <exception cref="FileNotFoundException">Recordings are missing; the message names the first few.</exception>
    public static IReadOnlyList<EventRecording> Read(string list, SensorSize? sensor)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(list))!;
        var recordings = new List<EventRecording>();
        var columns = 0;
        foreach (var (i, line) in File.ReadLines(list).Index())
        {
            var location = $"line {i + 1}";
            if (i == 0)
            {
                var header = line.Trim().TrimStart('\uFEFF').ToLowerInvariant();
                columns = header switch
                {
                    Short => 2,
                    Long => 4,
                    _ => throw new EventFormatException(
                        list, location, $"the columns are '{header[..Math.Min(100, header.Length)]}'; expected '{Short}' or '{Long}'."),
                };
            }
            else if (!string.IsNullOrWhiteSpace(line))
            {
                recordings.Add(Row(line, columns, folder, list, location) with { Sensor = sensor });
            }
        }
        var missing = recordings.Select(recording => recording.Path).Distinct().Where(path => !File.Exists(path)).ToArray();
        if (recordings.Count == 0)
        {
            throw new EventFormatException(
                list, "line 1", $"no recording is listed; expected '{Short}' or '{Long}' and one row per recording.");
        }
        return missing.Length == 0 ? recordings : throw new FileNotFoundException(
            $"{list} lists {recordings.Count} recordings, of which {missing.Length} files are missing: "
            + $"{string.Join(", ", missing.Take(5))}{(missing.Length > 5 ? ", ..." : "")}.");
    }

    private static EventRecording Row(string line, int columns, string folder, string list, string location)
    {
        var fields = Fields(line);
        if (fields.Count != columns)
        {
            throw new EventFormatException(list, location, $"the row has {fields.Count} columns; the header has {columns}.");
        }
        if (fields[0].Length == 0 || fields[1].Length == 0)
        {
            throw new EventFormatException(list, location, "the path or the label is empty.");
        }
        var recording = new EventRecording(Path.GetFullPath(fields[0], folder), fields[1]);
        if (columns == 2)
        {
            return recording;
        }
        var (start, end) = (Time(fields[2], long.MinValue), Time(fields[3], long.MaxValue));
        return end > start ? recording with { Start = start, End = end }
            : throw new EventFormatException(
                list, location, $"the slice starts at {start} and ends at {end}; its end must be after its start.");

        long Time(string text, long absent) => text.Length == 0 ? absent
            : long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var time) ? time
            : throw new EventFormatException(list, location, $"'{text}' is not a time in whole microseconds.");
    }

    private static List<string> Fields(string line)
    {
        var fields = new List<string>();
        var field = new System.Text.StringBuilder();
        var quoted = false;
        for (var i = 0; i < line.Length; i++)
        {
            if (line[i] == '"')
            {
                if (quoted && i + 1 < line.Length && line[i + 1] == '"')
                {
                    field.Append('"');
                    i++;
                }
                else
                {
                    quoted = !quoted;
                }
            }
            else if (line[i] == ',' && !quoted)
            {
                fields.Add(field.ToString().Trim());
                field.Clear();
            }
            else
            {
                field.Append(line[i]);
            }
        }
        fields.Add(field.ToString().Trim());
        return fields;
    }
}
