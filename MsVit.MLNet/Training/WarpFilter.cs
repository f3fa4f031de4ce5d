using System.Text.Json.Serialization;

namespace MsVit.MLNet;

/// <summary>How a pixel between those of the source is computed when an image is turned, sheared or moved. Nothing is antialiased.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<WarpFilter>))]
public enum WarpFilter
{
    /// <summary>Cubic convolution with a = -1 over four by four pixels; a resize takes -0.5.</summary>
    Bicubic,

    /// <summary>Linear between two by two pixels.</summary>
    Bilinear,

    /// <summary>The pixel that covers the place.</summary>
    Nearest,
}
