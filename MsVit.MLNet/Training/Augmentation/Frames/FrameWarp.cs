namespace MsVit.MLNet;

/// <summary>
/// Warps frames with a table that gives each pixel's source: nearest neighbor, 0 outside. One table serves all frames and polarities.
/// </summary>
/// <remarks>
/// With X = x + 1/2 - W/2 and Y = y + 1/2 - H/2, relative to the center, the source of a pixel is (X + tan(m) Y, Y) for ShearX, m in
/// radians; (X - trunc(m), Y) and (X, Y - trunc(m)) for the translations, positive to the right and down; (X cos m - Y sin m, X sin m + Y
/// cos m) for Rotate, m in degrees, counterclockwise. It is rounded to a pixel, half to even. The arithmetic is float64; the reference's
/// float32 gives the same pixels for every magnitude that was recorded from it.
/// </remarks>
internal static class FrameWarp
{
    private const int Outside = -1;

    /// <summary>Fills the table for an operation.</summary>
    /// <param name="operation">The operation.</param>
    /// <param name="magnitude">The magnitude, with its sign.</param>
    /// <param name="shape">The shape of the frames.</param>
    /// <param name="mirrored">Whether the frames are mirrored left to right first.</param>
    /// <param name="table">H x W indices into a plane, negative for none.</param>
    public static void Fill(FrameOperation operation, double magnitude, FrameShape shape, bool mirrored, Span<int> table)
    {
        var (height, width) = (shape.Height, shape.Width);
        var (xx, xy, yx, yy, right, down) = Matrix(operation, magnitude);
        var (middleX, middleY) = ((width / 2.0) - 0.5, (height / 2.0) - 0.5);
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                var (fromX, fromY) = (x - middleX, y - middleY);
                var column = Math.Round((xx * fromX) + (xy * fromY) - right + middleX);
                var row = Math.Round((yx * fromX) + (yy * fromY) - down + middleY);
                var isInside = column >= 0 && column < width && row >= 0 && row < height;
                var source = ((int)row * width) + (int)(mirrored ? width - 1 - column : column);
                table[(y * width) + x] = isInside ? source : Outside;
            }
        }
    }

    /// <summary>Warps the planes of a sample with a table.</summary>
    public static void Apply<T>(ReadOnlySpan<T> source, Span<T> target, ReadOnlySpan<int> table)
        where T : unmanaged
    {
        for (var start = 0; start < source.Length; start += table.Length)
        {
            var from = source.Slice(start, table.Length);
            var to = target.Slice(start, table.Length);
            for (var i = 0; i < table.Length; i++)
            {
                var place = table[i];
                to[i] = place < 0 ? default : from[place];
            }
        }
    }

    private static (double XX, double XY, double YX, double YY, double Right, double Down) Matrix(
        FrameOperation operation, double magnitude)
    {
        switch (operation)
        {
            case FrameOperation.ShearX:
                return (1, Math.Tan(magnitude), 0, 1, 0, 0);
            case FrameOperation.TranslateX:
                return (1, 0, 0, 1, Math.Truncate(magnitude), 0);
            case FrameOperation.TranslateY:
                return (1, 0, 0, 1, 0, Math.Truncate(magnitude));
            case FrameOperation.Rotate:
                var (sin, cos) = Math.SinCos(magnitude * Math.PI / 180);
                return (cos, -sin, sin, cos, 0, 0);
            default:
                return (1, 0, 0, 1, 0, 0);
        }
    }
}
