using System.Runtime.CompilerServices;

namespace MsVit.MLNet.Events;

/// <summary>Counts events in cells, with one byte per cell, and a second byte for all cells once a count exceeds 255.</summary>
/// <remarks>The counts of a 128 x 128 frame then stay in the L1 cache, which determines the speed of counting.</remarks>
internal sealed class EventCounter(EventCells cells, int frames, int channels)
{
    private readonly byte[] _low = new byte[frames * channels * cells.Plane];
    private byte[]? _high;

    /// <summary>Events not counted because they are outside the box.</summary>
    public long Outside { get; private set; }

    /// <summary>Events not counted because their count had reached 65,535.</summary>
    public long Lost { get; private set; }

    /// <summary>Counts events into one frame.</summary>
    public void Add(ReadOnlySpan<CameraEvent> events, int frame)
    {
        var (columns, rows) = (cells.Columns, cells.Rows);
        var plane = channels == 2 ? cells.Plane : 0;
        var start = frame * channels * cells.Plane;
        var counts = _low.AsSpan(start, channels * cells.Plane);
        foreach (ref readonly var e in events)
        {
            if (e.X >= columns.Length || e.Y >= rows.Length)
            {
                cells.ThrowOffSensor(e);
            }
            var (column, row) = (columns[e.X], rows[e.Y]);
            if ((column | row) < 0)
            {
                Outside++;
                continue;
            }
            // A multiplication instead of a branch: polarities are nearly random, and a misprediction costs more than everything else.
            var cell = column + row + (Unsafe.BitCast<bool, byte>(e.On) * plane);
            if (++counts[cell] == 0)
            {
                Carry(start + cell);
            }
        }
    }

    /// <summary>The counts, as bytes if all of them are below 256, otherwise as words.</summary>
    public (byte[]? Bytes, ushort[]? Words) Counts() => _high is null ? (_low, null) : (null, Words(_low, _high));

    private void Carry(int cell)
    {
        _high ??= new byte[_low.Length];
        if (_high[cell] == byte.MaxValue)
        {
            _low[cell] = byte.MaxValue;
            Lost++;
            return;
        }
        _high[cell]++;
    }

    private static ushort[] Words(byte[] low, byte[] high)
    {
        var words = new ushort[low.Length];
        for (var i = 0; i < words.Length; i++)
        {
            words[i] = (ushort)(low[i] | (high[i] << 8));
        }
        return words;
    }
}
