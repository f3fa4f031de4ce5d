namespace MsVit.MLNet.Events;

/// <summary>Events from the columns t, x, y and p, in one array or in four.</summary>
internal sealed class NpyEventSource(EventInput input, NpyColumn[] columns, long rows, IDisposable? archive) : IEventSource
{
    private const int Time = 0, X = 1, Y = 2, On = 3;

    // The columns of one array share a window.
    private readonly NpyColumn[] _windows = [.. columns.DistinctBy(column => column.Window)];
    private long _row;
    private int _last;

    public SensorSize? Sensor => null;

    public int ClockBits => 63;

    public int Read(Span<CameraEvent> events)
    {
        try
        {
            var fitting = ByteWindow.BufferLength / _windows.Max(window => window.RowLength);
            var count = (int)Math.Min(Math.Min(events.Length, rows - _row), fitting);
            count = _windows.Min(window =>
                window.Window.Fill(count * window.RowLength) ? count : window.Window.Unread.Length / window.RowLength);
            if (count == 0)
            {
                CheckEnd();
                return 0;
            }
            for (var i = 0; i < count; i++)
            {
                if (Event(i) is { } item)
                {
                    events[i] = item;
                }
                else if (i == 0)
                {
                    throw new EventFormatException(
                        input.Name,
                        $"row {_row}",
                        "the time is not a whole number of microseconds, or a coordinate is not an integer. "
                        + "Set TimeUnit if times are in milliseconds or seconds.");
                }
                else
                {
                    count = i;
                }
            }
            foreach (var window in _windows)
            {
                window.Window.Advance(count * window.RowLength);
            }
            _row += count;
            _last = count;
            return count;
        }
        catch (InvalidDataException e)
        {
            throw new EventFormatException(
                input.Name, $"row {_row}", $"the archive cannot be unpacked: {e.Message} Copy or create it again.", e);
        }
    }

    public string Location(int index) => $"row {_row - _last + index}";

    public void Dispose()
    {
        foreach (var window in _windows)
        {
            window.Window.Dispose();
        }
        archive?.Dispose();
    }

    private CameraEvent? Event(int row)
    {
        var time = columns[Time].Type.IsInteger
            ? columns[Time].Integer(row) is { } integer ? EventValues.Time(integer, input.Options.TimeUnit) : null
            : EventValues.Time(columns[Time].Type.Real(columns[Time].Bytes(row)), input.Options.TimeUnit);
        // Some files use -1 for OFF.
        return time is { } t && columns[X].Integer(row) is { } x && columns[Y].Integer(row) is { } y
            ? new(t, EventValues.Coordinate(x), EventValues.Coordinate(y), columns[On].Type.Real(columns[On].Bytes(row)) > 0)
            : null;
    }

    private void CheckEnd()
    {
        if (_row < rows)
        {
            var window = _windows[0].Window;
            input.Truncated(window.Position, window.Unread.Length, $"an array of {rows} rows, in row {_row}");
            rows = _row;
        }
    }
}

/// <summary>One of t, x, y and p, and the position of its values in the rows of a window.</summary>
internal sealed record NpyColumn(ByteWindow Window, int RowLength, NpyType Type, int Offset)
{
    /// <summary>The bytes from a row's value on.</summary>
    public ReadOnlySpan<byte> Bytes(int row) => Window.Unread[((row * RowLength) + Offset)..];

    /// <summary>The value as an integer; null if it is not one.</summary>
    public long? Integer(int row)
    {
        if (Type.IsInteger)
        {
            return Type.Integer(Bytes(row));
        }
        var value = Type.Real(Bytes(row));
        return value == Math.Floor(value) && Math.Abs(value) < 1L << 53 ? (long)value : null;
    }
}
