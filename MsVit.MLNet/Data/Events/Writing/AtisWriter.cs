namespace MsVit.MLNet.Events;

/// <summary>
/// Writes the 5-byte format: x, y, polarity and 23 bits of time. A marker in row 240 adds 8,192 microseconds to later times.
/// </summary>
internal sealed class AtisWriter(string path) : IEventWriter
{
    private const long Range = 1L << 23;

    private readonly PendingFile _file = new(path);
    private long _markedTime;

    // The reader interprets a backward step of more than half the range as an overflow.
    private long _previous = -1;

    public void Write(ReadOnlySpan<CameraEvent> events)
    {
        Span<byte> record = stackalloc byte[AtisFormat.Layout.Length];
        foreach (ref readonly var item in events)
        {
            if (item.X > byte.MaxValue || item.Y >= AtisRule.OverflowRow)
            {
                throw new ArgumentException(
                    $"The event at column {item.X}, row {item.Y} cannot be stored: the format has columns 0 to 255 and rows 0 to 239.");
            }
            if (item.Time < _markedTime || _previous - item.Time > Range / 2 || item.Time - _markedTime > (Range << 9))
            {
                throw new ArgumentException(
                    $"The time {item.Time} is not representable: the clock has passed {Math.Max(_markedTime, _previous)}. "
                    + "Sort the events, and subtract the first time.");
            }
            for (; item.Time - _markedTime >= Range; _markedTime += AtisRule.OverflowMicroseconds)
            {
                Fill(record, default(CameraEvent) with { Y = (ushort)AtisRule.OverflowRow, Time = Range - 1 });
            }
            Fill(record, item with { Time = item.Time - _markedTime });
            _previous = item.Time;
        }
    }

    public void Complete() => _file.Complete();

    public void Dispose() => _file.Dispose();

    private void Fill(Span<byte> record, CameraEvent item)
    {
        record[0] = (byte)item.X;
        record[1] = (byte)item.Y;
        record[2] = (byte)((item.On ? 0x80 : 0) | (int)(item.Time >> 16));
        record[3] = (byte)(item.Time >> 8);
        record[4] = (byte)item.Time;
        _file.Stream.Write(record);
    }
}
