using MsVit.MLNet;
using MsVit.MLNet.Events;

namespace MsVit.Trainer.Bench;

/// <summary>Two million random events of a 128 x 128 sensor counted into 16 frames, beside a copy of the same events.</summary>
internal static class EventFrameBenchmark
{
    public static BenchmarkRow Run(string name, BenchmarkSettings settings)
    {
        var events = Draw(settings.Quick ? 10_000 : 2_000_000, new(128, 128));
        var copy = new CameraEvent[events.Length];
        var options = new EventFrameOptions { Area = new() { Sensor = new(128, 128) } };
        var times = Measurement.Of(settings, () => EventFrames.Of(events, options), () => events.CopyTo(copy, 0));
        return new()
        {
            Name = name,
            Median = events.Length / times.Seconds(0) / 1e6,
            Unit = "Mevents/s",
            ShareOfPeak = times.Ratio(1, to: 0),
        };
    }

    private static CameraEvent[] Draw(int count, SensorSize sensor)
    {
        var random = new RandomStream(seed: 1, 0, 0);
        var events = new CameraEvent[count];
        for (var i = 0; i < count; i++)
        {
            events[i] = new(i, (ushort)random.NextInt(sensor.Width), (ushort)random.NextInt(sensor.Height), random.NextInt(2) == 1);
        }
        return events;
    }
}
