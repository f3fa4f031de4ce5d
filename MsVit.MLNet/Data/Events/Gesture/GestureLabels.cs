using System.Globalization;

namespace MsVit.MLNet.Events;

/// <summary>Reads the labels file that lies beside each trial of DVS128 Gesture.</summary>
public static class GestureLabels
{
    private const string Header = "class,startTime_usec,endTime_usec";

    /// <summary>Reads a labels file: the header class,startTime_usec,endTime_usec, then a gesture a row.</summary>
    /// <param name="path">A file such as user01_fluorescent_labels.csv. Blank lines and both ends of lines are accepted.</param>
    /// <returns>The gestures in the order of the file.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="EventFormatException">Another header, a row of other columns, a class outside 1 to 11, or an end not after its start; the message names the line.</exception>
    public static IReadOnlyList<GestureWindow> Read(string path)
    {
        var windows = new List<GestureWindow>();
        foreach (var (i, line) in TextLines.Read(path).Index())
        {
            var text = line.Trim();
            if (i == 0)
            {
                if (text.TrimStart('\uFEFF') != Header)
                {
                    throw new EventFormatException(path, "line 1", $"the columns are '{text}'; expected '{Header}'.");
                }
            }
            else if (text.Length > 0)
            {
                windows.Add(Row(text, path, $"line {i + 1}"));
            }
        }
        return windows.Count > 0 ? windows : throw new EventFormatException(path, "line 1", $"there is no gesture; expected '{Header}' and a row each.");
    }

    private static GestureWindow Row(string text, string path, string place)
    {
        var numbers = new List<long>();
        foreach (var column in text.Split(','))
        {
            numbers.Add(long.TryParse(column, NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) ? number
                : throw new EventFormatException(path, place, $"'{column}' is not a whole number; expected class, start and end in microseconds."));
        }
        return numbers is not [var kind, var start, var end] ? throw new EventFormatException(path, place, $"the row has {numbers.Count} columns; expected '{Header}'.")
            : kind is < 1 or > 11 ? throw new EventFormatException(path, place, $"the class is {kind}; expected 1 to 11.")
            : start < 0 || end <= start ? throw new EventFormatException(path, place, $"the gesture lasts from {start} to {end}; expected an end after the start, neither negative.")
            : new((int)kind, start, end);
    }
}

/// <summary>A gesture within a trial of DVS128 Gesture: the events with Start &lt;= time &lt; End. Windows may overlap, and a class may recur.</summary>
/// <param name="Class">1 to 11, as the labels file counts.</param>
/// <param name="Start">In microseconds, as the recording counts them.</param>
/// <param name="End">After the start.</param>
public readonly record struct GestureWindow(int Class, long Start, long End)
{
    /// <summary>The label of a classifier, 0 to 10.</summary>
    public int Label => Class - 1;
}

/// <summary>The lines of a small text file.</summary>
internal static class TextLines
{
    /// <summary>The longest file that is accepted, in bytes; those of the data set have less than a thousand.</summary>
    public const int MaxLength = 1 << 20;

    public static IEnumerable<string> Read(string path) => new FileInfo(path) is { Exists: true, Length: > MaxLength and var length }
        ? throw new EventFormatException(path, "byte 0", $"the file has {length} bytes; expected a short text of at most {MaxLength}.")
        : File.ReadLines(path);
}
