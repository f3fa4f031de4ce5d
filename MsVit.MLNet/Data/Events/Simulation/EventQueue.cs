using System.Runtime.InteropServices;

namespace MsVit.MLNet.Events;

/// <summary>Collects the events of one step in any order and returns them by time, and row by row within a microsecond.</summary>
/// <remarks>
/// Each event is one sortable number: 30 bits of time since the start of the step, 16 of row, 16 of column and 1 of polarity.
/// </remarks>
internal sealed class EventQueue
{
    /// <summary>The longest step in microseconds.</summary>
    public const long LongestStep = (1L << 30) - 1;

    private readonly List<ulong> _keys = [];
    private CameraEvent[] _events = [];

    public void Add(long sinceStart, int x, int y, bool on) =>
        _keys.Add(((ulong)sinceStart << 33) | ((ulong)y << 17) | ((ulong)x << 1) | (on ? 1UL : 0));

    /// <summary>Returns the events since the last call, valid until the next call.</summary>
    public ReadOnlySpan<CameraEvent> Take(long start)
    {
        var keys = CollectionsMarshal.AsSpan(_keys);
        keys.Sort();
        if (_events.Length < keys.Length)
        {
            _events = new CameraEvent[Math.Max(keys.Length, 2 * _events.Length)];
        }
        for (var i = 0; i < keys.Length; i++)
        {
            var key = keys[i];
            _events[i] = new(start + (long)(key >> 33), (ushort)(key >> 1), (ushort)(key >> 17), (key & 1) == 1);
        }
        _keys.Clear();
        return _events.AsSpan(0, keys.Length);
    }
}
