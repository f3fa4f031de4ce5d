using System.Text;

namespace MsVit.MLNet.Events;

/// <summary>
/// Text with one event per row. Lines that start with # or % are comments. The first line may give the column names or the sensor size.
/// </summary>
internal sealed class TextSource : IEventSource
{
    private const int MaxLine = 16 << 10;

    private readonly EventInput _input;
    private readonly List<long> _lines = [];
    private readonly ColumnOrder _order;
    private readonly byte _separator;
    private long _line;

    public TextSource(EventInput input)
    {
        _input = input;
        if (input.Window.Fill(3) && input.Window.Unread.StartsWith("\uFEFF"u8))
        {
            input.Window.Advance(3);
        }
        _order = ColumnOrder.Parse(input.Options.Columns);
        if (!TryNext(out var line, out var length))
        {
            return;
        }
        _separator = TextRow.Separator(line);
        if (new TextRow(line, _separator).TrySensor(out var sensor))
        {
            Sensor = sensor;
            Pass(length);
        }
        else if (!TextRow.BeginsWithNumber(line))
        {
            var names = Encoding.Latin1.GetString(line);
            if (!ColumnOrder.TryParse(names.Split((char)_separator, StringSplitOptions.RemoveEmptyEntries), out _order))
            {
                throw Error($"the column names are '{names[..Math.Min(names.Length, 100)]}'; expected t, x, y and p among them.");
            }
            Pass(length);
        }
        if (TryNext(out line, out _))
        {
            _separator = TextRow.Separator(line);
        }
    }

    public SensorSize? Sensor { get; }

    public int ClockBits => 63;

    public int Read(Span<CameraEvent> events)
    {
        var written = 0;
        _lines.Clear();
        while (written < events.Length && TryNext(out var line, out var length))
        {
            if (!new TextRow(line, _separator).TryEvent(_order, _input.Options.TimeUnit, out events[written], out var reason))
            {
                // Events before this line are returned first; the next call reaches the line again.
                return written > 0 ? written : throw Error(reason);
            }
            written++;
            Pass(length);
            _lines.Add(_line);
        }
        return written;
    }

    public string Location(int index) => $"line {_lines[index]}";

    public void Dispose()
    {
    }

    // The next line that is neither blank nor a comment, and its length including the line break.
    private bool TryNext(out ReadOnlySpan<byte> line, out int length)
    {
        while (true)
        {
            _input.Window.Fill(MaxLine);
            var unread = _input.Window.Unread;
            var end = unread.IndexOf((byte)'\n');
            length = end >= 0 ? end + 1 : unread.Length;
            if (length > MaxLine)
            {
                throw Error($"the line is longer than {MaxLine} bytes; expected a row with t, x, y and p.");
            }
            line = unread[..length].Trim(" \t\r\n"u8);
            if (!line.IsEmpty && line[0] is not ((byte)'#' or (byte)'%'))
            {
                return true;
            }
            if (length == 0)
            {
                return false;
            }
            Pass(length);
        }
    }

    private void Pass(int length)
    {
        _input.Window.Advance(length);
        _line++;
    }

    private EventFormatException Error(string message) => new(_input.Name, $"line {_line + 1}", message);
}
