using MsVit.MLNet.Events;

namespace MsVit.Tests.Data.Events.Simulation;

/// <summary>One pixel without noise, microsecond by microsecond.</summary>
internal sealed class SlowSimulator(double threshold, double leakPerMicrosecond, long refractory)
{
    private readonly List<CameraEvent> _events = [];
    private double _memory;
    private double _level;
    private long _time;
    private long _last = long.MinValue / 2;

    public IReadOnlyList<CameraEvent> Events => _events;

    public static double Log(double intensity) => intensity <= 20 ? intensity * Math.Log(20) / 20 : Math.Log(intensity);

    public void Begin(double level) => _level = _memory = level;

    public void Follow(double level, long time)
    {
        var (from, start) = (_level, _time);
        for (_time = start + 1; _time <= time; _time++)
        {
            _level = from + ((level - from) * (_time - start) / (time - start));
            _memory -= leakPerMicrosecond;
            // A microsecond is entered with all crossings before it: they happened within it.
            for (; _level - _memory >= threshold; _memory += threshold)
            {
                Send(on: true);
            }
            for (; _level - _memory <= -threshold; _memory -= threshold)
            {
                Send(on: false);
            }
        }
        (_time, _level) = (time, level);
    }

    private void Send(bool on)
    {
        var time = _time - 1;
        if (time - _last >= refractory)
        {
            _last = time;
            _events.Add(new(time, 0, 0, on));
        }
    }
}
