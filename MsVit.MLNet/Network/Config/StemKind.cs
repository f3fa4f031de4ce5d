using System.Text.Json.Serialization;

namespace MsVit.MLNet;

/// <summary>The first embedding of a network.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<StemKind>))]
public enum StemKind
{
    /// <summary>Two or three convolutions and a shortcut behind the first: images at a stride of 1, 2 or 4.</summary>
    Image,

    /// <summary>Four convolutions and a shortcut behind the second: recordings of event cameras, at a stride of 8.</summary>
    Event,

    /// <summary>Four convolutions, pools behind their neurons, and a position embedding: Spikformer's, at a stride of 4 or 16.</summary>
    Spikformer,
}
