namespace MsVit.MLNet.Events;

/// <summary>Events from the columns t, x, y and p, in one array or in four.</summary>
internal sealed class NpyEventSource : IEventSource
{
    private const int Time = 0, X = 1, Y = 2, On = 3;

    private readonly EventInput _input;
    private readonly NpyColumn[] _columns;
    private readonly IDisposable? _archive;

    // The columns of one array share a window.
    private readonly NpyColumn[] _windows;
    private long _rows;
    private long _row;
    private int _last;

    private NpyEventSource(EventInput input, NpyColumn[] columns, long rows, SourceFacts facts, IDisposable? archive)
    {
        _input = input;
        _columns = columns;
        _windows = [.. columns.DistinctBy(column => column.Window)];
        _rows = rows;
        _archive = archive;
        Facts = facts;
    }

    public SensorSize? Sensor => null;

    public int ClockBits => 63;

    public SourceFacts Facts { get; }

    /// <summary>Looks at the first rows, and reads the events.</summary>
    /// <param name="input">The recording.</param>
    /// <param name="columns">All columns.</param>
    /// <param name="rows">The number of rows.</param>
    /// <param name="order">Which of the columns are t, x, y and p.</param>
    /// <param name="isNamed">Whether the file names its columns.</param>
    /// <param name="archive">Disposed with the source.</param>
    /// <exception cref="EventFormatException">Nobody stated the order of the columns, and the values look like another one.</exception>
    public static NpyEventSource Open(
        EventInput input, NpyColumn[] columns, long rows, ColumnOrder order, bool isNamed, IDisposable? archive)
    {
        var sample = Sample(input, columns, rows);
        if (!isNamed && input.Options.Columns is null && ColumnCheck.Problem(sample) is var (problem, remedy))
        {
            throw new EventFormatException(input.Name, "row 0", problem, [remedy]);
        }
        NpyColumn[] used = [columns[order.Time], columns[order.X], columns[order.Y], columns[order.On]];
        var times = sample.Rows == 0 ? ColumnFigures.None : sample.Figures(order.Time);
        return new(input, used, rows, SourceFacts.OfColumns(input.Options, order, isNamed, times), archive);
    }

    public int Read(Span<CameraEvent> events)
    {
        try
        {
            var fitting = ByteWindow.BufferLength / _windows.Max(window => window.RowLength);
            var count = (int)Math.Min(Math.Min(events.Length, _rows - _row), fitting);
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
                        _input.Name,
                        $"row {_row}",
                        $"the time is not in {Facts.TimeUnit.ToString().ToLowerInvariant()}, or a coordinate is not a whole number.",
                        [ReadingRemedies.GiveTimeUnit]);
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
                _input.Name, $"row {_row}", $"the archive cannot be unpacked: {e.Message} Copy or create it again.", e);
        }
    }

    public string Location(int index) => $"row {_row - _last + index}";

    public void Dispose()
    {
        foreach (var window in _windows)
        {
            window.Window.Dispose();
        }
        _archive?.Dispose();
    }

    private CameraEvent? Event(int row)
    {
        var time = _columns[Time].Type.IsInteger
            ? _columns[Time].Integer(row) is { } integer ? EventValues.Time(integer, Facts.TimeUnit) : null
            : EventValues.Time(_columns[Time].Type.Real(_columns[Time].Bytes(row)), Facts.TimeUnit);
        // Some files use -1 for OFF.
        return time is { } t && _columns[X].Integer(row) is { } x && _columns[Y].Integer(row) is { } y
            ? new(t, EventValues.Coordinate(x), EventValues.Coordinate(y), _columns[On].Type.Real(_columns[On].Bytes(row)) > 0)
            : null;
    }

    private void CheckEnd()
    {
        if (_row < _rows)
        {
            var window = _windows[0].Window;
            _input.Truncated(window.Position, window.Unread.Length, $"an array of {_rows} rows, in row {_row}");
            _rows = _row;
        }
    }

    // The rows that are in the windows, without consuming them.
    private static ColumnSample Sample(EventInput input, NpyColumn[] columns, long rows)
    {
        var windows = columns.DistinctBy(column => column.Window).ToArray();
        var count = (int)Math.Min(Math.Min(rows, ColumnSample.MaxRows), ByteWindow.BufferLength / windows.Max(window => window.RowLength));
        try
        {
            count = windows.Min(window =>
                window.Window.Fill(count * window.RowLength) ? count : window.Window.Unread.Length / window.RowLength);
        }
        catch (InvalidDataException e)
        {
            throw new EventFormatException(
                input.Name, "row 0", $"the archive cannot be unpacked: {e.Message} Copy or create it again.", e);
        }
        return new([.. Enumerable.Range(0, count).Select(row => columns.Select(column => column.Real(row)).ToArray())]);
    }
}

/// <summary>One of t, x, y and p, and the position of its values in the rows of a window.</summary>
internal sealed record NpyColumn(ByteWindow Window, int RowLength, NpyType Type, int Offset)
{
    /// <summary>The bytes from a row's value on.</summary>
    public ReadOnlySpan<byte> Bytes(int row) => Window.Unread[((row * RowLength) + Offset)..];

    /// <summary>The value as a double.</summary>
    public double Real(int row) => Type.Real(Bytes(row));

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
