namespace MsVit.MLNet;

/// <summary>A box of pixels, the same in all frames of a sample.</summary>
/// <param name="Top">Its first row.</param>
/// <param name="Left">Its first column.</param>
/// <param name="Height">Rows.</param>
/// <param name="Width">Columns.</param>
internal readonly record struct FrameBox(int Top, int Left, int Height, int Width)
{
    private const double LeastShare = 0.001;
    private const double LargestShare = 0.11;

    /// <summary>The square that Cutout empties: side round(sqrt(H W u)), u uniform in 0.001..0.11, any place equally likely.</summary>
    /// <remarks>Where a frame is so narrow that the square does not fit, the reference leaves it; here the side is its shorter side.</remarks>
    public static FrameBox DrawCutout(FrameShape shape, ref RandomStream random)
    {
        var side = Math.Min(CutoutSide(shape, random.NextSingle()), Math.Min(shape.Height, shape.Width));
        return new(random.NextInt(shape.Height - side + 1), random.NextInt(shape.Width - side + 1), side, side);
    }

    /// <summary>The side for a draw from [0, 1); halves are rounded to the even number.</summary>
    public static int CutoutSide(FrameShape shape, double draw) =>
        (int)Math.Round(Math.Sqrt(shape.Plane * (LeastShare + ((LargestShare - LeastShare) * draw))));

    /// <summary>Sets the box to 0 in every plane.</summary>
    public void Clear<T>(Span<T> frames, FrameShape shape)
    {
        for (var plane = 0; plane < frames.Length; plane += shape.Plane)
        {
            for (var row = 0; row < Height; row++)
            {
                frames.Slice(plane + ((Top + row) * shape.Width) + Left, Width).Clear();
            }
        }
    }
}
