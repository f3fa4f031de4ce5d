namespace MsVit.MLNet;

/// <summary>What one stored sample is: planes of bytes (images) or of floats (pixel vectors), or frames of such planes.</summary>
/// <param name="Channels">Planes, C.</param>
/// <param name="Height">Rows, H.</param>
/// <param name="Width">Columns, W.</param>
/// <param name="IsFloat">Whether an element is a float instead of a byte.</param>
internal readonly record struct SampleShape(int Channels, int Height, int Width, bool IsFloat)
{
    /// <summary>Frames, T, of a sample [T, C, H, W]; 0 (the default) for a still image [C, H, W].</summary>
    public int TimeSteps { get; init; }

    /// <summary>Whether a sample is frames, not a still image.</summary>
    public bool IsFrames => TimeSteps > 0;

    /// <summary>C x H x W, of all frames.</summary>
    public int Elements => checked(Math.Max(1, TimeSteps) * Channels * Height * Width);

    /// <summary>Bytes of one sample.</summary>
    public int Bytes => checked(Elements * (IsFloat ? sizeof(float) : 1));
}
