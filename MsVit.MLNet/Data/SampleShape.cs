namespace MsVit.MLNet;

/// <summary>The shape of a stored sample: planes of bytes (images) or floats (pixel vectors), or frames of such planes.</summary>
/// <param name="Channels">The number of planes, C.</param>
/// <param name="Height">The height in pixels, H.</param>
/// <param name="Width">The width in pixels, W.</param>
/// <param name="IsFloat">Whether elements are floats instead of bytes.</param>
internal readonly record struct SampleShape(int Channels, int Height, int Width, bool IsFloat)
{
    /// <summary>The number of frames, T, in a sample [T, C, H, W]; 0 (the default) for an image [C, H, W].</summary>
    public int TimeSteps { get; init; }

    /// <summary>Whether a sample has frames.</summary>
    public bool IsFrames => TimeSteps > 0;

    /// <summary>The number of elements over all frames: C x H x W per frame.</summary>
    public int Elements => checked(Math.Max(1, TimeSteps) * Channels * Height * Width);

    /// <summary>The number of bytes in a sample.</summary>
    public int Bytes => checked(Elements * (IsFloat ? sizeof(float) : 1));
}
