using System.Text.Json.Serialization;

namespace MsVit.MLNet;

/// <summary>Which of the two convolutions of a stage's embedding is followed by the max-pool.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<PoolPlace>))]
public enum PoolPlace
{
    /// <summary>The first, so that the second runs on a quarter of the area: the ImageNet networks.</summary>
    First,

    /// <summary>The second, so that both run on the full area: the CIFAR networks.</summary>
    Second,
}
