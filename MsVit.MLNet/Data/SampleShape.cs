namespace MsVit.MLNet.Data;

/// <summary>What one stored sample is: planes of bytes (images) or of floats (pixel vectors).</summary>
/// <param name="Channels">Planes, C.</param>
/// <param name="Height">Rows, H.</param>
/// <param name="Width">Columns, W.</param>
/// <param name="IsFloat">Whether an element is a float instead of a byte.</param>
internal readonly record struct SampleShape(int Channels, int Height, int Width, bool IsFloat)
{
    /// <summary>C x H x W.</summary>
    public int Elements => checked(Channels * Height * Width);

    /// <summary>Bytes of one sample.</summary>
    public int Bytes => checked(Elements * (IsFloat ? sizeof(float) : 1));
}
