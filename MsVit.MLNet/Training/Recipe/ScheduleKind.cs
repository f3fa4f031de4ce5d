using System.Text.Json.Serialization;

namespace MsVit.MLNet;

/// <summary>How the learning rate changes over the run.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ScheduleKind>))]
public enum ScheduleKind
{
    /// <summary>By step: a linear warm-up, then half a cosine down to the minimum. It adapts to a time budget.</summary>
    WarmupCosine,

    /// <summary>
    /// By epoch, as in timm: a cosine over all epochs, then the minimum. The warm-up replaces the beginning of the cosine and does not
    /// shift it, so that the rate jumps a little where the warm-up ends. This is the schedule of the reference recipes for CIFAR and event
    /// cameras.
    /// </summary>
    EpochCosine,

    /// <summary>
    /// By step: a linear warm-up from 0, then half a cosine over the remaining epochs. The schedule of the reference recipe for ImageNet.
    /// </summary>
    HalfCosine,
}
