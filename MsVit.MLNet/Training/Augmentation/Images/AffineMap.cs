using System.Globalization;

namespace MsVit.MLNet;

/// <summary>From the place of a pixel of the result to the place in the source that it shows: (A x + B y + C, D x + E y + F).</summary>
/// <remarks>Pillow's matrices, to the last bit. Places are those of pixel centers: the first pixel's is (0.5, 0.5).</remarks>
internal readonly record struct AffineMap(double A, double B, double C, double D, double E, double F)
{
    private const double FullTurn = 360;

    /// <summary>Rows slide by k times their distance from the top.</summary>
    public static AffineMap ShearX(double k) => new(1, k, 0, 0, 1, 0);

    /// <summary>Columns slide by k times their distance from the left.</summary>
    public static AffineMap ShearY(double k) => new(1, 0, 0, k, 1, 0);

    /// <summary>Moves the content by pixels, to the left and up where they are positive; fractions are allowed.</summary>
    public static AffineMap Translate(double left, double up) => new(1, 0, left, 0, 1, up);

    /// <summary>Turns the content about the center, counter-clockwise.</summary>
    public static AffineMap Rotate(double degrees, int width, int height)
    {
        var angle = degrees % FullTurn;
        var radians = -((angle < 0 ? angle + FullTurn : angle) * (Math.PI / 180));
        var (a, b, d) = (Round(Math.Cos(radians)), Round(Math.Sin(radians)), Round(-Math.Sin(radians)));
        var (x, y) = (width / 2.0, height / 2.0);
        return new(a, b, (a * -x) + (b * -y) + x, d, a, (d * -x) + (a * -y) + y);
    }

    /// <summary>The place that the pixel at a column and a row shows.</summary>
    public (double X, double Y) Source(int column, int row)
    {
        var (x, y) = (column + 0.5, row + 0.5);
        return ((A * x) + (B * y) + C, (D * x) + (E * y) + F);
    }

    // To 15 decimals by the exact value, as Python rounds; Math.Round multiplies first and can miss by one.
    private static double Round(double value) =>
        double.Parse(value.ToString("F15", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
}
