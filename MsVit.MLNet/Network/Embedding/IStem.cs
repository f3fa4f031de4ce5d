namespace MsVit.MLNet;

/// <summary>The first embedding of a network.</summary>
internal interface IStem
{
    /// <summary>The convolution that sees the pixels.</summary>
    Conv PixelConv { get; }
}
