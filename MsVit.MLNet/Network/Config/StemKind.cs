using System.Text.Json.Serialization;

namespace MsVit.MLNet;

/// <summary>The kind of the first embedding.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<StemKind>))]
public enum StemKind
{
    /// <summary>Two or three convolutions, with a shortcut after the first: images, with a stride of 1, 2 or 4.</summary>
    Image,

    /// <summary>Four convolutions, with a shortcut after the second: recordings of event cameras, with a stride of 8.</summary>
    Event,

    /// <summary>
    /// Four convolutions with pools after their neurons, and a position embedding: Spikformer, with a stride of 4 or 16.
    /// </summary>
    Spikformer,
}
