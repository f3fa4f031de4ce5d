using System.Globalization;

namespace MsVit.MLNet.Events;

/// <summary>Reads the labels file of a DVS128 Gesture trial.</summary>
public static class GestureLabels
{
    private const string Header = "class,startTime_usec,endTime_usec";

    /// <summary>Reads a labels file: the header class,startTime_usec,endTime_usec, then one gesture per row.</summary>
    /// <param name="path">A file such as user01_fluorescent_labels.csv. Blank lines and both kinds of line endings are accepted.</param>
    /// <returns>The gestures in file order.</returns>
    /// <exception cref="FileNotFoundException">The file does not exist.</exception>
    /// <exception cref="EventFormatException">
    /// The header or the number of columns is wrong, a class is outside 1 to 11, or an end is not after its start; the message gives the
    /// line.
    /// </exception>
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
        return windows.Count > 0 ? windows : throw new EventFormatException(
            path, "line 1", $"there is no gesture; expected '{Header}' and one row per gesture.");
    }

    private static GestureWindow Row(string text, string path, string location)
    {
        var numbers = new List<long>();
        foreach (var column in text.Split(','))
        {
            numbers.Add(long.TryParse(column, NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) ? number
                : throw new EventFormatException(
                    path, location, $"'{column}' is not an integer; expected class, start and end in microseconds."));
        }
        return numbers is not [var kind, var start, var end]
            ? throw new EventFormatException(path, location, $"the row has {numbers.Count} columns; expected '{Header}'.")
            : kind is < 1 or > 11 ? throw new EventFormatException(path, location, $"the class is {kind}; expected 1 to 11.")
            : start < 0 || end <= start ? throw new EventFormatException(
                path, location, $"the gesture starts at {start} and ends at {end}; expected an end after the start, and neither negative.")
            : new((int)kind, start, end);
    }
}

/// <summary>
/// A gesture within a DVS128 Gesture trial: the events with Start &lt;= time &lt; End. Windows may overlap, and a class may recur.
/// </summary>
/// <param name="Class">The class, 1 to 11, as in the labels file.</param>
/// <param name="Start">The start in microseconds on the recording's clock.</param>
/// <param name="End">The end in microseconds, after the start.</param>
public readonly record struct GestureWindow(int Class, long Start, long End)
{
    /// <summary>The label for a classifier, 0 to 10.</summary>
    public int Label => Class - 1;
}

/// <summary>The eleven gestures of DVS128 Gesture.</summary>
public static class GestureClass
{
    /// <summary>The names of labels 0 to 10, from the data set's readme.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        "hand clapping", "right hand wave", "left hand wave", "right arm clockwise", "right arm counter clockwise", "left arm clockwise",
        "left arm counter clockwise", "arm roll", "air drums", "air guitar", "other gestures",
    ];
}

/// <summary>The lines of a small text file.</summary>
internal static class TextLines
{
    /// <summary>The maximum accepted file size in bytes. The data set's files are smaller than 1,000 bytes.</summary>
    public const int MaxLength = 1 << 20;

    public static IEnumerable<string> Read(string path) => new FileInfo(path) is { Exists: true, Length: > MaxLength and var length }
        ? throw new EventFormatException(path, "byte 0", $"the file has {length} bytes; expected a text file of at most {MaxLength} bytes.")
        : File.ReadLines(path);
}
