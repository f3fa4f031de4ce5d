using MsVit.MLNet;
using MsVit.MLNet.Events;

namespace MsVit.Trainer.Runs;

/// <summary>The options of EventsToFrames for a network.</summary>
internal static class FrameOptions
{
    public static EventsToFramesOptions Of(MsVitConfig network, SensorSize? sensor, string? cache) => new()
    {
        CacheFolder = cache,
        Frames = new()
        {
            TimeSteps = network.TimeSteps,
            MergePolarity = network.Channels == 1,
            Area = new() { Sensor = sensor, Size = new SensorSize(network.Width, network.Height) },
        },
    };
}
