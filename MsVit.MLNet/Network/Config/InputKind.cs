using System.Text.Json.Serialization;

namespace MsVit.MLNet;

/// <summary>What a network looks at.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<InputKind>))]
public enum InputKind
{
    /// <summary>Still images [B, C, H, W], normalized; each is shown at all T time steps.</summary>
    Still,

    /// <summary>Frames [T, B, C, H, W], time first, one a time step: counts of events as they are, or images of a film.</summary>
    Frames,
}
