namespace MsVit.MLNet;

/// <summary>For each pixel of a frame the pixel that it shows: nearest neighbor, 0 outside. One table serves all frames and polarities.</summary>
/// <remarks>
/// With X = x + 1/2 - W/2, Y = y + 1/2 - H/2, about the center, the source of a pixel is (X + tan(m) Y, Y) for ShearX, m in radians;
/// (X - trunc(m), Y) and (X, Y - trunc(m)) for the translations, positive to the right and down; (X cos m - Y sin m, X sin m + Y cos m)
/// for Rotate, m in degrees, counter-clockwise. It is rounded to a pixel, halves to the even one. In float64; the
/// reference's float32 gives the same pixels for every magnitude recorded from it.
/// </remarks>
internal static class FrameWarp
{
    private const int Nothing = -1;

    /// <summary>The table of an operation.</summary>
    /// <param name="operation">What is done.</param>
    /// <param name="magnitude">How much, sign included.</param>
    /// <param name="shape">The frames.</param>
    /// <param name="mirrored">Whether the frames are mirrored left to right before.</param>
    /// <param name="table">H x W places in a plane, negative for none.</param>
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
                table[(y * width) + x] = isInside ? ((int)row * width) + (int)(mirrored ? width - 1 - column : column) : Nothing;
            }
        }
    }

    /// <summary>Fills the planes of a sample with what the table says.</summary>
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

    private static (double XX, double XY, double YX, double YY, double Right, double Down) Matrix(FrameOperation operation, double magnitude)
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
