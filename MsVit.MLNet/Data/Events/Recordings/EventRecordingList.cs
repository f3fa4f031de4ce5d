using System.Globalization;

namespace MsVit.MLNet.Events;

/// <summary>Reads a list of recordings: a header path,label or path,label,start,end, then one recording per row.</summary>
/// <remarks>Paths are relative to the list. Start and end are microseconds on the recording's clock; either may be empty.</remarks>
internal static class EventRecordingList
{
    /// <summary>Reads a list without opening recordings.</summary>
    /// <param name="list">The list.</param>
    /// <param name="sensor">The sensor size; null if the files specify it.</param>
    /// <param name="warn">Called with each thing that the user should know.</param>
    /// <exception cref="EventFormatException">The header or a row is invalid; the message gives the line.</exception>
    /// <exception cref="FileNotFoundException">Recordings are missing; the message names the first few.</exception>
    public static IReadOnlyList<EventRecording> Read(string list, SensorSize? sensor, Action<string>? warn = null)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(list))!;
        var read = SampleList.Read(list, Error, hasSlices: true);
        EventRecording[] recordings = [.. read.Rows.Select(row => Recording(row) with { Sensor = sensor })];
        SampleList.CheckExist(list, [.. recordings.Select(recording => recording.Path)]);
        if (read.IgnoredColumns.Count > 0)
        {
            warn?.Invoke($"{list}: the columns {string.Join(", ", read.IgnoredColumns)} are not used.");
        }
        return recordings;

        EventRecording Recording(SampleRow row)
        {
            var (start, end) = (Time(row, row.Start, long.MinValue), Time(row, row.End, long.MaxValue));
            return end > start
                ? new(SampleList.FullPath(row.Path, folder), row.Label) { Start = start, End = end }
                : throw Error(row.Line, $"the slice starts at {start} and ends at {end}; its end must be after its start.");
        }

        long Time(SampleRow row, string text, long absent) => text.Length == 0 ? absent
            : long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var time) ? time
            : throw Error(row.Line, $"'{text}' is not a time in whole microseconds.");

        EventFormatException Error(int line, string message) => new(list, $"line {line}", message);
    }
}
