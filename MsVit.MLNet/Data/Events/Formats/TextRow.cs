using System.Buffers.Text;
using System.Text;

namespace MsVit.MLNet.Events;

/// <summary>A line of a text file, split into columns.</summary>
internal readonly ref struct TextRow(ReadOnlySpan<byte> line, byte separator)
{
    private const int MaxColumns = 64;

    private readonly ReadOnlySpan<byte> _line = line;

    /// <summary>The column separator: the first comma, semicolon or tab in the line, otherwise a space.</summary>
    public static byte Separator(ReadOnlySpan<byte> line) =>
        line.IndexOfAny(",;\t"u8) is >= 0 and var at ? line[at] : (byte)' ';

    public static bool BeginsWithNumber(ReadOnlySpan<byte> line) =>
        char.IsAsciiDigit((char)line[0]) || line[0] is (byte)'-' or (byte)'+' or (byte)'.';

    /// <summary>Reads a row of two integers as the sensor's width and height.</summary>
    public bool TrySensor(out SensorSize sensor)
    {
        Span<Range> columns = stackalloc Range[MaxColumns];
        var count = Split(columns);
        sensor = default;
        if (count != 2 || !TryInteger(_line[columns[0]], out var width) || !TryInteger(_line[columns[1]], out var height)
            || width is < 1 or > 65535 || height is < 1 or > 65535)
        {
            return false;
        }
        sensor = new((int)width, (int)height);
        return true;
    }

    /// <summary>Reads all columns as numbers, True and False as 1 and 0; null if one is something else.</summary>
    public double[]? Numbers()
    {
        Span<Range> columns = stackalloc Range[MaxColumns];
        var numbers = new double[Split(columns)];
        for (var i = 0; i < numbers.Length; i++)
        {
            var text = _line[columns[i]];
            if (TryReal(text, out var number))
            {
                numbers[i] = number;
            }
            else if (TryOn(text) is { } on)
            {
                numbers[i] = on ? 1 : 0;
            }
            else
            {
                return null;
            }
        }
        return numbers;
    }

    /// <summary>Reads the event.</summary>
    /// <returns>Whether the row is an event; if not, the problem and what to do about it.</returns>
    public bool TryEvent(ColumnOrder order, EventTimeUnit unit, out CameraEvent item, out (string Text, Remedy Remedy) problem)
    {
        Span<Range> columns = stackalloc Range[MaxColumns];
        var count = Split(columns);
        item = default;
        problem = ("", ReadingRemedies.GiveColumns);
        if (count < order.Count)
        {
            problem.Text = $"the row has {count} columns; expected at least {order.Count}.";
            return false;
        }
        if (TryTime(_line[columns[order.Time]], unit) is not { } time)
        {
            problem = ($"the time is '{Shown(columns[order.Time])}'; expected "
                + (unit == EventTimeUnit.Microseconds ? "whole microseconds." : $"{unit.ToString().ToLowerInvariant()}."),
                ReadingRemedies.GiveTimeUnit);
            return false;
        }
        if (!TryWhole(_line[columns[order.X]], out var x) || !TryWhole(_line[columns[order.Y]], out var y))
        {
            problem.Text = $"the coordinates are '{Shown(columns[order.X])}' and '{Shown(columns[order.Y])}'; expected whole numbers.";
            return false;
        }
        if (TryOn(_line[columns[order.On]]) is not { } on)
        {
            problem.Text = $"the polarity is '{Shown(columns[order.On])}'; expected 1 or True for ON, and 0, -1 or False for OFF.";
            return false;
        }
        item = new(time, EventValues.Coordinate(x), EventValues.Coordinate(y), on);
        return true;
    }

    private static long? TryTime(ReadOnlySpan<byte> text, EventTimeUnit unit) =>
        TryInteger(text, out var integer) ? EventValues.Time(integer, unit)
        : TryReal(text, out var real)
        ? EventValues.Time(real, unit)
        : null;

    private static bool TryInteger(ReadOnlySpan<byte> text, out long value) =>
        Utf8Parser.TryParse(text, out value, out var used) && used == text.Length;

    private static bool TryReal(ReadOnlySpan<byte> text, out double value) =>
        Utf8Parser.TryParse(text, out value, out var used) && used == text.Length && double.IsFinite(value);

    // An array of floats that is saved as text has 4.0 for 4.
    private static bool TryWhole(ReadOnlySpan<byte> text, out long value)
    {
        if (TryInteger(text, out value))
        {
            return true;
        }
        var isWhole = TryReal(text, out var real) && real == Math.Floor(real) && Math.Abs(real) <= int.MaxValue;
        value = isWhole ? (long)real : 0;
        return isWhole;
    }

    private static bool? TryOn(ReadOnlySpan<byte> text) =>
        TryWhole(text, out var value) && value is >= -1 and <= 1 ? value > 0
        : text.SequenceEqual("True"u8) || text.SequenceEqual("true"u8) ? true
        : text.SequenceEqual("False"u8) || text.SequenceEqual("false"u8) ? false
        : null;

    // Columns beyond the maximum stay in the last one.
    private int Split(Span<Range> columns)
    {
        var (count, start) = (0, 0);
        for (var at = 0; at <= _line.Length && count < columns.Length; at++)
        {
            if (at < _line.Length && _line[at] != separator)
            {
                continue;
            }
            if (separator != ' ' || at > start)
            {
                columns[count++] = Trimmed(start, at);
            }
            start = at + 1;
        }
        return count;
    }

    private Range Trimmed(int start, int end)
    {
        while (start < end && _line[start] is ((byte)' ' or (byte)'\t' or (byte)'"'))
        {
            start++;
        }
        while (start < end && _line[end - 1] is ((byte)' ' or (byte)'\t' or (byte)'"'))
        {
            end--;
        }
        return start..end;
    }

    private string Shown(Range column) => Encoding.Latin1.GetString(_line[column])[..Math.Min(40, _line[column].Length)];
}
