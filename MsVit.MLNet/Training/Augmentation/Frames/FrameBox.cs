namespace MsVit.MLNet;

/// <summary>A box of pixels, the same in all frames of a sample.</summary>
/// <param name="Top">The first row.</param>
/// <param name="Left">The first column.</param>
/// <param name="Height">Rows.</param>
/// <param name="Width">Columns.</param>
internal readonly record struct FrameBox(int Top, int Left, int Height, int Width)
{
    private const double LeastShare = 0.001;
    private const double LargestShare = 0.11;

    /// <summary>
    /// Draws the square that Cutout clears, of side round(sqrt(H W u)) with u uniform in 0.001..0.11, at a uniform position.
    /// </summary>
    /// <remarks>
    /// If the square does not fit into a narrow frame, the reference skips it; here its side becomes the frame's shorter side.
    /// </remarks>
    public static FrameBox DrawCutout(FrameShape shape, ref RandomStream random)
    {
        var side = Math.Min(CutoutSide(shape, random.NextSingle()), Math.Min(shape.Height, shape.Width));
        return new(random.NextInt(shape.Height - side + 1), random.NextInt(shape.Width - side + 1), side, side);
    }

    /// <summary>The side for a draw from [0, 1), rounded half to even.</summary>
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
