using MsVit.MLNet.Events;

namespace MsVit.Tests.Data.Events.Frames;

/// <summary>Frames as spikingjelly makes them: first the ends of each run of events, then one event after the other. For rising
/// times.</summary>
internal static class SlowFrames
{
    public static int[,,,] ByNumber(CameraEvent[] events, int steps, SensorSize size)
    {
        var run = events.Length / steps;
        var ends = Enumerable.Range(1, steps).Select(i => i == steps ? events.Length : i * run).ToArray();
        return Integrate(events, ends, size);
    }

    public static int[,,,] ByTime(CameraEvent[] events, int steps, SensorSize size)
    {
        var step = (events[^1].Time - events[0].Time) / steps;
        var ends = Enumerable.Range(1, steps)
            .Select(i => i == steps ? events.Length : Array.FindLastIndex(events, e => e.Time < events[0].Time + (i * step)) + 1).ToArray();
        return Integrate(events, ends, size);
    }

    public static int[,,,] ByWindow(CameraEvent[] events, long window, SensorSize size)
    {
        var times = events.Select(e => e.Time - events[0].Time).ToArray();
        var steps = (int)Math.Ceiling(times[^1] / (double)window);
        var ends = Enumerable.Range(1, steps)
            .Select(i => i == steps ? events.Length : Array.FindLastIndex(times, t => t / window < i) + 1).ToArray();
        return Integrate(events, ends, size);
    }

    private static int[,,,] Integrate(CameraEvent[] events, int[] ends, SensorSize size)
    {
        var frames = new int[ends.Length, 2, size.Height, size.Width];
        for (var i = 0; i < ends.Length; i++)
        {
            for (var k = i == 0 ? 0 : ends[i - 1]; k < ends[i]; k++)
            {
                frames[i, events[k].On ? 1 : 0, events[k].Y, events[k].X]++;
            }
        }
        return frames;
    }
}
