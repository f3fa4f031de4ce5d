namespace MsVit.MLNet;

/// <summary>What a value of an image column is.</summary>
internal enum ImageColumnKind
{
    /// <summary>An <see cref="Microsoft.ML.Data.MLImage"/>.</summary>
    Decoded,

    /// <summary>The bytes of an image file.</summary>
    Encoded,

    /// <summary>Pixels as bytes, of known dimensions.</summary>
    PixelBytes,

    /// <summary>Pixels as floats.</summary>
    PixelVector,

    /// <summary>Event frames [T, P, H, W] as bytes.</summary>
    FrameBytes,

    /// <summary>Event frames [T, P, H, W] as floats.</summary>
    FrameVector,
}
