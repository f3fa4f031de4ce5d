using System.Text.Json.Serialization;

namespace MsVit.MLNet;

/// <summary>The kernel of a resize. Both are widened when the image shrinks, so that fine detail is averaged, not aliased.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ImageFilter>))]
public enum ImageFilter
{
    /// <summary>Cubic convolution with a = -0.5 over two pixels on each side: sharper, may overshoot at edges.</summary>
    Bicubic,

    /// <summary>A triangle over one pixel on each side.</summary>
    Bilinear,
}
