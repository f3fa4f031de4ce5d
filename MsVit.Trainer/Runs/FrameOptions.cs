using MsVit.MLNet;
using MsVit.MLNet.Events;
using MsVit.Trainer.Data;

namespace MsVit.Trainer.Runs;

/// <summary>The options of EventsToFrames for a network.</summary>
internal static class FrameOptions
{
    /// <summary>The frames of a network from a set of recordings.</summary>
    /// <param name="network">The network.</param>
    /// <param name="data">The recordings.</param>
    /// <param name="cache">The folder for decoded recordings; null for none.</param>
    /// <param name="unreadable">What to do with recordings that cannot be read.</param>
    public static EventsToFramesOptions Of(MsVitConfig network, OpenedData data, string? cache, UndecodableImagePolicy unreadable) => new()
    {
        CacheFolder = cache,
        Reading = data.Reading,
        Unreadable = unreadable == UndecodableImagePolicy.Skip ? UnreadableRecordingPolicy.Missing : UnreadableRecordingPolicy.Throw,
        Frames = new()
        {
            TimeSteps = network.TimeSteps,
            MergePolarity = network.Channels == 1,
            Area = new() { Sensor = data.Sensor, Size = new SensorSize(network.Width, network.Height) },
        },
    };
}
