namespace MsVit.MLNet;

/// <summary>Rotates, shears and shifts images with nearest-neighbor interpolation, byte for byte as Pillow does.</summary>
/// <remarks>
/// Without shear and rotation, the positions of columns and rows are accumulated in float64; otherwise in fixed point with 16 fractional
/// bits, with each coefficient of the map rounded first.
/// </remarks>
internal static class NearestWarp
{
    private const int FractionBits = 16;
    private const int Outside = -1;

    /// <summary>Warps an image.</summary>
    /// <param name="source">[C, H, W].</param>
    /// <param name="shape">The shape of source and target.</param>
    /// <param name="map">The source position of each pixel.</param>
    /// <param name="fill">The level of each channel outside of the source.</param>
    /// <param name="target">[C, H, W]; not the memory of the source.</param>
    public static void Apply(ReadOnlySpan<byte> source, ImageShape shape, AffineMap map, ReadOnlySpan<byte> fill, Span<byte> target)
    {
        var places = new int[shape.Plane];
        if (map.B == 0 && map.D == 0)
        {
            StepByStep(shape, map, places);
        }
        else
        {
            FixedPoint(shape, map, places);
        }
        for (var c = 0; c < shape.Channels; c++)
        {
            var plane = source.Slice(c * shape.Plane, shape.Plane);
            var to = target.Slice(c * shape.Plane, shape.Plane);
            for (var i = 0; i < to.Length; i++)
            {
                to[i] = places[i] == Outside ? fill[c] : plane[places[i]];
            }
        }
    }

    private static void StepByStep(ImageShape shape, AffineMap map, Span<int> places)
    {
        Span<int> columns = new int[shape.Width];
        Steps(map.C + (map.A * 0.5), map.A, columns);
        Span<int> rows = new int[shape.Height];
        Steps(map.F + (map.E * 0.5), map.E, rows);
        for (var i = 0; i < places.Length; i++)
        {
            var (row, column) = (rows[i / shape.Width], columns[i % shape.Width]);
            places[i] = row == Outside || column == Outside ? Outside : (row * shape.Width) + column;
        }
    }

    private static void Steps(double start, double step, Span<int> places)
    {
        var at = start;
        foreach (ref var place in places)
        {
            place = at >= 0 && at < places.Length ? (int)at : Outside;
            at += step;
        }
    }

    private static void FixedPoint(ImageShape shape, AffineMap map, Span<int> places)
    {
        var startX = Fixed(map.C + (map.A * 0.5) + (map.B * 0.5));
        var startY = Fixed(map.F + (map.D * 0.5) + (map.E * 0.5));
        var (a, b, d, e) = (Fixed(map.A), Fixed(map.B), Fixed(map.D), Fixed(map.E));
        for (var row = 0; row < shape.Height; row++)
        {
            for (var column = 0; column < shape.Width; column++)
            {
                var x = (startX + (row * b) + (column * a)) >> FractionBits;
                var y = (startY + (row * e) + (column * d)) >> FractionBits;
                var inside = x >= 0 && x < shape.Width && y >= 0 && y < shape.Height;
                places[(row * shape.Width) + column] = inside ? (int)((y * shape.Width) + x) : Outside;
            }
        }
    }

    private static long Fixed(double value) => (long)Math.Floor((value * (1 << FractionBits)) + 0.5);
}
