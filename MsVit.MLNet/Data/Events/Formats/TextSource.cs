using System.Text;

namespace MsVit.MLNet.Events;

/// <summary>
/// Text with one event per row. Lines that start with # or % are comments, but %geometry:W,H is Metavision's sensor. The first line may
/// give the column names or the sensor size.
/// </summary>
internal sealed class TextSource : IEventSource
{
    private const int MaxLine = 16 << 10;

    // What is read ahead to check the columns and to guess the unit of times.
    private const int SampleBytes = 64 << 10;

    private readonly EventInput _input;
    private readonly List<long> _lines = [];
    private readonly ColumnOrder _order = ColumnOrder.Usual;
    private readonly byte _separator;
    private long _line;

    public TextSource(EventInput input)
    {
        _input = input;
        if (input.Window.Fill(3) && input.Window.Unread.StartsWith("\uFEFF"u8))
        {
            input.Window.Advance(3);
        }
        var isNamed = false;
        if (input.Options.Columns is { } given)
        {
            _ = ColumnOrder.TryParse(given, out _order);
        }
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
            isNamed = TryNames(line, _separator, out var named);
            _order = isNamed ? named : input.Options.Columns is not null ? _order : throw Error(
                $"the column names are '{Encoding.Latin1.GetString(line[..Math.Min(line.Length, 100)])}'; "
                + "expected t, x, y and p among them.",
                ReadingRemedies.GiveColumns);
            Pass(length);
        }
        if (TryNext(out line, out _))
        {
            _separator = TextRow.Separator(line);
            var sample = Sample();
            if (!isNamed && input.Options.Columns is null && ColumnCheck.Problem(sample) is var (problem, remedy))
            {
                throw Error(problem, remedy);
            }
            Facts = SourceFacts.OfColumns(
                input.Options, _order, isNamed, sample.Width >= _order.Count ? sample.Figures(_order.Time) : ColumnFigures.None);
        }
    }

    public SensorSize? Sensor { get; private set; }

    public int ClockBits => 63;

    public SourceFacts Facts { get; } = SourceFacts.OfFormat;

    private static bool TryNames(ReadOnlySpan<byte> line, byte separator, out ColumnOrder order) => ColumnOrder.TryParse(
        Encoding.Latin1.GetString(line).Split((char)separator, StringSplitOptions.RemoveEmptyEntries), out order);

    public int Read(Span<CameraEvent> events)
    {
        var written = 0;
        _lines.Clear();
        while (written < events.Length && TryNext(out var line, out var length))
        {
            if (!new TextRow(line, _separator).TryEvent(_order, Facts.TimeUnit, out events[written], out var problem))
            {
                // Events before this line are returned first; the next call reaches the line again.
                if (written > 0)
                {
                    return written;
                }
                if (!EndsWithin(length))
                {
                    throw Error(problem.Text, problem.Remedy);
                }
                _input.Truncated(_input.Window.Position, length, "a row with t, x, y and p");
                Pass(length);
                return 0;
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
            if (IsRow(line))
            {
                return true;
            }
            if (length == 0)
            {
                return false;
            }
            Sensor ??= Geometry(line);
            Pass(length);
        }
    }

    // The rows that are in the window, without consuming them; the reader reports the first one that is not of numbers.
    private ColumnSample Sample()
    {
        _input.Window.Fill(SampleBytes);
        var unread = _input.Window.Unread;
        unread = unread[..Math.Min(unread.Length, SampleBytes)];
        var rows = new List<double[]>();
        while (rows.Count < ColumnSample.MaxRows)
        {
            var end = unread.IndexOf((byte)'\n');
            var line = (end >= 0 ? unread[..end] : unread).Trim(" \t\r"u8);
            // The last line may be cut off where the sample ends.
            if (end < 0 && (unread.IsEmpty || rows.Count > 0))
            {
                break;
            }
            if (IsRow(line))
            {
                if (new TextRow(line, _separator).Numbers() is not { } numbers || rows.Count > 0 && numbers.Length < rows[0].Length)
                {
                    break;
                }
                rows.Add(numbers);
            }
            unread = end < 0 ? default : unread[(end + 1)..];
        }
        return new(rows);
    }

    // Whether the file ends in the line instead of after it.
    private bool EndsWithin(int length) =>
        length > 0 && _input.Window.Unread[length - 1] != (byte)'\n' && !_input.Window.Fill(length + 1);

    private static bool IsRow(ReadOnlySpan<byte> line) => !line.IsEmpty && line[0] is not ((byte)'#' or (byte)'%');

    // %geometry:640,480
    private static SensorSize? Geometry(ReadOnlySpan<byte> line) =>
        line.StartsWith("%geometry:"u8) && new TextRow(line["%geometry:"u8.Length..], (byte)',').TrySensor(out var sensor) ? sensor : null;

    private void Pass(int length)
    {
        _input.Window.Advance(length);
        _line++;
    }

    private EventFormatException Error(string problem, params IReadOnlyList<Remedy> remedies) =>
        new(_input.Name, $"line {_line + 1}", problem, remedies);
}
