using System.Globalization;

namespace MsVit.MLNet;

/// <summary>Maps the position of a pixel in the result to its position in the source: (A x + B y + C, D x + E y + F).</summary>
/// <remarks>Pillow's matrices, to the last bit. Positions are those of pixel centers: the first pixel is at (0.5, 0.5).</remarks>
internal readonly record struct AffineMap(double A, double B, double C, double D, double E, double F)
{
    private const double FullTurn = 360;

    /// <summary>Shears rows by k times their distance from the top.</summary>
    public static AffineMap ShearX(double k) => new(1, k, 0, 0, 1, 0);

    /// <summary>Shears columns by k times their distance from the left.</summary>
    public static AffineMap ShearY(double k) => new(1, 0, 0, k, 1, 0);

    /// <summary>Shifts the content by pixels; positive values shift to the left and up. Fractions are allowed.</summary>
    public static AffineMap Translate(double left, double up) => new(1, 0, left, 0, 1, up);

    /// <summary>Rotates the content around the center, counterclockwise.</summary>
    public static AffineMap Rotate(double degrees, int width, int height)
    {
        var angle = degrees % FullTurn;
        var radians = -((angle < 0 ? angle + FullTurn : angle) * (Math.PI / 180));
        var (a, b, d) = (Round(Math.Cos(radians)), Round(Math.Sin(radians)), Round(-Math.Sin(radians)));
        var (x, y) = (width / 2.0, height / 2.0);
        return new(a, b, (a * -x) + (b * -y) + x, d, a, (d * -x) + (a * -y) + y);
    }

    /// <summary>The source position of the pixel at a column and a row.</summary>
    public (double X, double Y) Source(int column, int row)
    {
        var (x, y) = (column + 0.5, row + 0.5);
        return ((A * x) + (B * y) + C, (D * x) + (E * y) + F);
    }

    // Rounds to 15 decimals by the exact value, as Python does; Math.Round multiplies first and can be off by one.
    private static double Round(double value) =>
        double.Parse(value.ToString("F15", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
}
