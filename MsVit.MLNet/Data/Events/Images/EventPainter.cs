namespace MsVit.MLNet.Events;

/// <summary>
/// Draws a frame, with ON events in orange and OFF events in blue, which color-blind readers can distinguish. Low counts are faint.
/// </summary>
internal sealed class EventPainter
{
    private const int Colors = 3;
    private const double FullShare = 0.95;
    private const float Faintest = 0.35f;

    private static readonly (float R, float G, float B) Dark = (16, 18, 24), White = (255, 255, 255);
    private static readonly (float R, float G, float B) OnDark = (255, 170, 40), OffDark = (70, 150, 255);
    private static readonly (float R, float G, float B) OnWhite = (213, 94, 0), OffWhite = (0, 90, 190);

    private readonly EventFrames _frames;
    private readonly EventImageOptions _options;
    private readonly int _full;

    public EventPainter(EventFrames frames, EventImageOptions options)
    {
        options.Validate();
        _frames = frames;
        _options = options;
        _full = options.FullCount ?? UsualLargest(frames);
        Width = checked(frames.Size.Width * options.Scale);
        Height = checked(frames.Size.Height * options.Scale);
    }

    /// <summary>The width of a drawn frame in pixels.</summary>
    public int Width { get; }

    /// <summary>The height of a drawn frame in pixels.</summary>
    public int Height { get; }

    /// <summary>The background color.</summary>
    public (float R, float G, float B) Ground => _options.OnWhite ? White : Dark;

    /// <summary>Draws a frame into part of an image.</summary>
    /// <param name="t">The frame.</param>
    /// <param name="rgb">The image from the part's first pixel on.</param>
    /// <param name="stride">The number of bytes between rows of the image.</param>
    public void Paint(int t, Span<byte> rgb, int stride)
    {
        for (var y = 0; y < Height; y++)
        {
            for (var x = 0; x < Width; x++)
            {
                var (r, g, b) = Color(t, y / _options.Scale, x / _options.Scale);
                var at = (y * stride) + (x * Colors);
                (rgb[at], rgb[at + 1], rgb[at + 2]) = (ToByte(r), ToByte(g), ToByte(b));
            }
        }
    }

    private (float R, float G, float B) Color(int t, int y, int x)
    {
        var off = _frames.Channels == 1 ? 0 : Strength(_frames[t, 0, y, x]);
        var on = Strength(_frames[t, _frames.Channels - 1, y, x]);
        var (onColor, offColor) = _options.OnWhite ? (OnWhite, OffWhite) : (OnDark, OffDark);
        var ground = Ground;
        return (
            ground.R + (on * (onColor.R - ground.R)) + (off * (offColor.R - ground.R)),
            ground.G + (on * (onColor.G - ground.G)) + (off * (offColor.G - ground.G)),
            ground.B + (on * (onColor.B - ground.B)) + (off * (offColor.B - ground.B)));
    }

    private float Strength(int count) =>
        count == 0 ? 0 : _full == 1 ? 1 : Faintest + ((1 - Faintest) * Math.Min(1, (count - 1f) / (_full - 1)));

    private static int UsualLargest(EventFrames frames)
    {
        var counts = new float[frames.Length];
        frames.CopyTo(counts);
        var some = Array.FindAll(counts, count => count > 0);
        Array.Sort(some);
        return some.Length == 0 ? 1 : (int)some[(int)((some.Length - 1) * FullShare)];
    }

    private static byte ToByte(float level) => (byte)Math.Clamp(level + 0.5f, 0, 255);
}
