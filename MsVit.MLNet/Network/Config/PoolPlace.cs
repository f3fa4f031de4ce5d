using System.Text.Json.Serialization;

namespace MsVit.MLNet;

/// <summary>Which of the two convolutions of a stage's embedding the max-pool follows.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<PoolPlace>))]
public enum PoolPlace
{
    /// <summary>The first: the second runs at a quarter of the area. The ImageNet networks.</summary>
    First,

    /// <summary>The second: both run at the full area. The CIFAR networks.</summary>
    Second,
}
