using System.Text.Json.Serialization;

namespace MsVit.MLNet;

/// <summary>What an erased box is filled with, after normalizing.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ErasingMode>))]
public enum ErasingMode
{
    /// <summary>0, which is the mean color.</summary>
    Const,

    /// <summary>Noise of mean 0 and deviation 1, drawn for every pixel and channel.</summary>
    Pixel,

    /// <summary>The same noise, one number a channel.</summary>
    Rand,
}
