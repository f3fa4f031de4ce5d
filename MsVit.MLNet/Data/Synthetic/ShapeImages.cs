namespace MsVit.MLNet;

/// <summary>An unlimited labeled set of drawn figures: ten classes, any number of samples, no files.</summary>
/// <remarks>
/// The figure varies in size, position, rotation (up to 45 degrees either way), proportions and color. So do the background gradient, the
/// lines and dots behind and in front of the figure, and the pixel noise. Colors are independent of the class; figure and background differ
/// in luma. A sample's bytes depend only on the seed and the sample number, on every platform. Thread-safe.
/// </remarks>
internal sealed class ShapeImages
{
    /// <summary>The smallest size at which the figures are distinguishable.</summary>
    public const int MinSize = 16;

    /// <summary>The largest size.</summary>
    public const int MaxSize = 1024;

    private const ulong StreamTag = 0x536861706573; // "Shapes": separates these draws from others with the same seed
    private const float LeastContrast = 64;

    private readonly ulong _seed;

    /// <param name="seed">The seed. Different seeds give different sets, such as one for training and one for testing.</param>
    /// <param name="size">Height and width in pixels, 16..1024. The default is 32.</param>
    public ShapeImages(ulong seed, int size = 32)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, MinSize);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, MaxSize);
        _seed = seed;
        Size = size;
    }

    /// <summary>Height and width of every image.</summary>
    public int Size { get; }

    /// <summary>The ten class names, by label.</summary>
    public static IReadOnlyList<string> ClassNames { get; } = [.. Shape.All.Select(shape => shape.Name)];

    /// <summary>The label of a sample. Any ten consecutive samples contain each class once.</summary>
    public static int Label(int sample) => sample % Shape.All.Count;

    /// <summary>Draws a sample.</summary>
    /// <param name="sample">The sample number, from 0.</param>
    /// <param name="planar">[3, Size, Size].</param>
    public void Draw(int sample, Span<byte> planar)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sample);
        var random = new RandomStream(_seed, (ulong)sample, StreamTag);
        var canvas = new Canvas(Size);

        var back = Rgb.Draw(ref random);
        var far = Rgb.Near(back, -60, 60, ref random);
        var (alongX, alongY) = Direction(ref random);
        canvas.FillGradient(back, far, alongX, alongY);
        var paint = Contrasting(back, far, ref random);

        var clutter = random.NextInt(7);
        var inFront = random.NextInt(2);
        for (var n = 0; n < clutter; n++)
        {
            PaintClutter(canvas, ref random);
        }
        PaintShape(canvas, Shape.All[Label(sample)], paint, ref random);
        for (var n = 0; n < Math.Min(inFront, clutter); n++)
        {
            PaintClutter(canvas, ref random);
        }
        canvas.Develop(random.NextSingle(2, 12), ref random, planar);
    }

    private static void PaintShape(Canvas canvas, Shape shape, Rgb paint, ref RandomStream random)
    {
        var radius = canvas.Size * random.NextSingle(0.28f, 0.42f);
        var room = radius * 0.95f;
        var x = random.NextSingle(room, canvas.Size - room);
        var y = random.NextSingle(room, canvas.Size - room);
        var widen = random.NextSingle(0.85f, 1.15f);
        // The rotation is given by the tangent of half its angle, which avoids sine and cosine: tan(22.5 degrees) = 0.414.
        var half = random.NextSingle(-0.414f, 0.414f);
        var cos = (1 - (half * half)) / (1 + (half * half));
        var sin = 2 * half / (1 + (half * half));
        var (scaleX, scaleY) = (1 / (radius * widen), widen / radius);
        canvas.Paint(x, y, radius * 1.5f, Distance, paint, opacity: random.NextSingle(0.85f, 1));

        float Distance(float dx, float dy) =>
            radius * shape.Distance(((cos * dx) + (sin * dy)) * scaleX, ((cos * dy) - (sin * dx)) * scaleY);
    }

    /// <summary>A thin line or a dot, both smaller than any figure.</summary>
    private static void PaintClutter(Canvas canvas, ref RandomStream random)
    {
        var unit = canvas.Size / 32f;
        var x = random.NextSingle(0, canvas.Size);
        var y = random.NextSingle(0, canvas.Size);
        var thickness = unit * random.NextSingle(0.4f, 0.8f);
        var length = random.NextInt(2) == 0 ? unit * random.NextSingle(3, 12) : 0;
        var (alongX, alongY) = Direction(ref random);
        var radius = length == 0 ? thickness * 2 : thickness;
        canvas.Paint(x, y, length + radius + 1, Distance, Rgb.Draw(ref random), opacity: random.NextSingle(0.5f, 1));

        float Distance(float dx, float dy)
        {
            var along = Math.Clamp((dx * alongX) + (dy * alongY), -length, length);
            var (gapX, gapY) = (dx - (along * alongX), dy - (along * alongY));
            return MathF.Sqrt((gapX * gapX) + (gapY * gapY)) - radius;
        }
    }

    private static Rgb Contrasting(Rgb back, Rgb far, ref RandomStream random)
    {
        while (true)
        {
            var color = Rgb.Draw(ref random);
            var (toBack, toFar) = (color.Luma - back.Luma, color.Luma - far.Luma);
            if (Math.Min(Math.Abs(toBack), Math.Abs(toFar)) >= LeastContrast && toBack > 0 == toFar > 0)
            {
                return color;
            }
        }
    }

    /// <summary>A uniformly random unit vector: a random point of the disk, projected to its rim.</summary>
    private static (float X, float Y) Direction(ref RandomStream random)
    {
        while (true)
        {
            var x = random.NextSingle(-1, 1);
            var y = random.NextSingle(-1, 1);
            var square = (x * x) + (y * y);
            if (square is > 0.01f and <= 1)
            {
                var length = MathF.Sqrt(square);
                return (x / length, y / length);
            }
        }
    }
}
