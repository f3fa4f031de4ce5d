namespace MsVit.MLNet;

/// <summary>A plane figure at the origin with a radius of about 1, given by its signed distance.</summary>
/// <param name="Name">The class name.</param>
/// <param name="Distance">The distance of (x, y) from the outline, negative inside; x points right and y down.</param>
/// <remarks>
/// Uses only sums, products, quotients and square roots, whose results IEEE 754 defines exactly, so the figures are bit-identical on every
/// platform. Unions (min) and intersections (max) of exact distances are exact near the outline, where they are used.
/// </remarks>
internal sealed record Shape(string Name, Func<float, float, float> Distance)
{
    /// <summary>The ten classes, by label.</summary>
    public static IReadOnlyList<Shape> All { get; } =
    [
        new("circle", (x, y) => Circle(x, y, 0.88f)),
        new("square", (x, y) => Box(x, y, 0.75f, 0.75f)),
        new("triangle", Polygon((0, -1), (0.92f, 0.7f), (-0.92f, 0.7f))),
        new("star", Polygon(
            (0, -1), (0.247f, -0.34f), (0.951f, -0.309f), (0.4f, 0.13f), (0.588f, 0.809f),
            (0, 0.42f), (-0.588f, 0.809f), (-0.4f, 0.13f), (-0.951f, -0.309f), (-0.247f, -0.34f))),
        new("cross", (x, y) => Math.Min(Box(x, y, 0.92f, 0.28f), Box(x, y, 0.28f, 0.92f))),
        new("ring", (x, y) => Math.Abs(Circle(x, y, 0.68f)) - 0.22f),
        new("crescent", (x, y) => Math.Max(Circle(x, y, 0.95f), -Circle(x - 0.5f, y, 0.78f))),
        new("heart", Heart),
        new("arrow", Polygon((0, -1), (0.8f, -0.1f), (0.28f, -0.1f), (0.28f, 0.95f), (-0.28f, 0.95f), (-0.28f, -0.1f), (-0.8f, -0.1f))),
        new("hourglass", Polygon((-0.75f, -0.9f), (0.75f, -0.9f), (0.12f, 0), (0.75f, 0.9f), (-0.75f, 0.9f), (-0.12f, 0))),
    ];

    private static float Circle(float x, float y, float radius) => MathF.Sqrt((x * x) + (y * y)) - radius;

    private static float Box(float x, float y, float halfWidth, float halfHeight)
    {
        var right = Math.Abs(x) - halfWidth;
        var below = Math.Abs(y) - halfHeight;
        var (outX, outY) = (Math.Max(right, 0), Math.Max(below, 0));
        return MathF.Sqrt((outX * outX) + (outY * outY)) + Math.Min(Math.Max(right, below), 0);
    }

    /// <summary>A square standing on a corner, with a half disk on each of its two upper sides.</summary>
    private static float Heart(float x, float y)
    {
        const float Half = 0.55f;
        const float Diagonal = 0.70710678f;
        y -= 0.1f;
        var u = (x + y) * Diagonal;
        var v = (y - x) * Diagonal;
        return Math.Min(Box(u, v, Half, Half), Math.Min(Circle(u, v + Half, Half), Circle(u + Half, v, Half)));
    }

    /// <summary>The distance to the nearest edge. A point is inside if a ray to the right crosses an odd number of edges.</summary>
    private static Func<float, float, float> Polygon(params (float X, float Y)[] corners) => (x, y) =>
    {
        var nearest = float.MaxValue;
        var inside = false;
        var (fromX, fromY) = corners[^1];
        foreach (var (toX, toY) in corners)
        {
            var (edgeX, edgeY) = (toX - fromX, toY - fromY);
            var (awayX, awayY) = (x - fromX, y - fromY);
            var along = Math.Clamp(((awayX * edgeX) + (awayY * edgeY)) / ((edgeX * edgeX) + (edgeY * edgeY)), 0, 1);
            var (gapX, gapY) = (awayX - (along * edgeX), awayY - (along * edgeY));
            nearest = Math.Min(nearest, (gapX * gapX) + (gapY * gapY));
            if (fromY > y != toY > y && awayX < awayY * edgeX / edgeY)
            {
                inside = !inside;
            }
            (fromX, fromY) = (toX, toY);
        }
        return inside ? -MathF.Sqrt(nearest) : MathF.Sqrt(nearest);
    };
}
