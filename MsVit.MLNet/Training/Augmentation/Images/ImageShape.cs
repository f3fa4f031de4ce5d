namespace MsVit.MLNet;

/// <summary>The shape of an image: planes of bytes, [C, H, W].</summary>
/// <param name="Channels">Planes, C: 3 for red, green and blue, 1 for gray.</param>
/// <param name="Height">Rows, H.</param>
/// <param name="Width">Columns, W.</param>
internal readonly record struct ImageShape(int Channels, int Height, int Width)
{
    /// <summary>Bytes of a channel, H x W.</summary>
    public int Plane => Height * Width;

    /// <summary>Bytes of the image.</summary>
    public int Length => Channels * Plane;

    /// <summary>The shape of a stored sample.</summary>
    public static ImageShape Of(SampleShape shape) => new(shape.Channels, shape.Height, shape.Width);
}
