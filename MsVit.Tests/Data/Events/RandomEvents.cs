using MsVit.MLNet;
using MsVit.MLNet.Events;

namespace MsVit.Tests.Data.Events;

/// <summary>Streams of events that mean nothing.</summary>
internal static class RandomEvents
{
    /// <summary>Events whose times rise by 0 to <paramref name="gap"/> microseconds.</summary>
    public static CameraEvent[] Rising(int count, SensorSize sensor, int gap = 50, long start = 3_000_000_000, ulong seed = 1)
    {
        var random = new RandomStream(seed, (ulong)count, (ulong)gap);
        var events = new CameraEvent[count];
        var time = start;
        for (var i = 0; i < count; i++)
        {
            time += random.NextInt(gap + 1);
            events[i] = new(time, (ushort)random.NextInt(sensor.Width), (ushort)random.NextInt(sensor.Height), random.NextInt(2) == 1);
        }
        return events;
    }

    /// <summary>The same events with their times in any order.</summary>
    public static CameraEvent[] Jumbled(int count, SensorSize sensor, int gap = 50, long start = 3_000_000_000, ulong seed = 1)
    {
        var events = Rising(count, sensor, gap, start, seed);
        var times = events.Select(e => e.Time).ToArray();
        var random = new RandomStream(seed, (ulong)count, 0);
        random.Shuffle<long>(times);
        return [.. events.Zip(times, (e, time) => e with { Time = time })];
    }
}
