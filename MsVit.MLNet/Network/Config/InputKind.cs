using System.Text.Json.Serialization;

namespace MsVit.MLNet;

/// <summary>The kind of input of a network.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<InputKind>))]
public enum InputKind
{
    /// <summary>Still images [B, C, H, W], normalized. Each is shown at all T time steps.</summary>
    Still,

    /// <summary>Frames [T, B, C, H, W], time first, one per time step: event counts as they are, or the images of a film.</summary>
    Frames,
}
