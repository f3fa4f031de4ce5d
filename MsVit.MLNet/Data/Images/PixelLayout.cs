namespace MsVit.MLNet;

/// <summary>The order of the samples in a vector of pixels.</summary>
internal enum PixelLayout
{
    /// <summary>[C, H, W]: one whole plane after the other, as ML.NET's ExtractPixels writes by default.</summary>
    Planar,

    /// <summary>[H, W, C]: the channels of each pixel together, as ExtractPixels writes with interleavePixelColors.</summary>
    Interleaved,
}
