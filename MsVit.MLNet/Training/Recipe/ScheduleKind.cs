using System.Text.Json.Serialization;

namespace MsVit.MLNet;

/// <summary>How the learning rate goes over the run.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ScheduleKind>))]
public enum ScheduleKind
{
    /// <summary>By the step: a linear warm-up, then half a cosine from its end down to the minimum. It follows a time budget.</summary>
    WarmupCosine,

    /// <summary>
    /// By the epoch, timm's: a cosine over all epochs, which the warm-up replaces but does not shift, so that the rate jumps a little where it
    /// ends; then the minimum. The reference's recipes for CIFAR and event cameras.
    /// </summary>
    EpochCosine,

    /// <summary>By the step: a linear warm-up from 0, then half a cosine over the epochs behind it. The reference's recipe for ImageNet.</summary>
    HalfCosine,
}
