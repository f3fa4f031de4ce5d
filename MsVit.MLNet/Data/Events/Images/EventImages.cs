namespace MsVit.MLNet.Events;

/// <summary>Writes event frames as PNG images, with ON events in orange and OFF events in blue.</summary>
/// <remarks>A file is written under a temporary name and then renamed, so it is never incomplete.</remarks>
public static class EventImages
{
    private const int Colors = 3;
    private const int Gap = 2;
    private const int MaxBytes = 1 << 30;

    /// <summary>Writes the frames as an endlessly looping animated PNG. Programs without animation show the first frame.</summary>
    /// <param name="path">The file, which is replaced if it exists. Its folder must exist.</param>
    /// <param name="frames">The frames.</param>
    /// <param name="options">How to draw them; null for the defaults.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public static void WriteAnimation(string path, EventFrames frames, EventImageOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(frames);
        options ??= new();
        var painter = new EventPainter(frames, options);
        var rgb = new byte[Bytes(painter.Width, painter.Height)];
        var pause = (int)Math.Clamp(Math.Round(1000 / options.FramesPerSecond), 1, ushort.MaxValue);
        WriteWhole(path, file =>
        {
            var png = new PngStream(file);
            png.Begin(painter.Width, painter.Height, frames.TimeSteps);
            for (var t = 0; t < frames.TimeSteps; t++)
            {
                painter.Paint(t, rgb, painter.Width * Colors);
                if (frames.TimeSteps > 1)
                {
                    png.Frame(rgb, painter.Width, painter.Height, pause);
                }
                else
                {
                    png.Pixels(rgb, painter.Width);
                }
            }
            png.End();
        });
    }

    /// <summary>Writes all frames side by side in one image, in reading order.</summary>
    /// <param name="path">The file, which is replaced if it exists. Its folder must exist.</param>
    /// <param name="frames">The frames.</param>
    /// <param name="options">How to draw them; null for the defaults.</param>
    /// <exception cref="ArgumentException">An option is out of range, or the image would have more than 2^30 bytes.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void WriteContactSheet(string path, EventFrames frames, EventImageOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(frames);
        options ??= new();
        var painter = new EventPainter(frames, options);
        var columns = Math.Min(frames.TimeSteps, options.Columns ?? (int)Math.Ceiling(Math.Sqrt(frames.TimeSteps)));
        var rows = (frames.TimeSteps + columns - 1) / columns;
        var (stepX, stepY) = (painter.Width + Gap, painter.Height + Gap);
        var (width, height) = (((long)columns * stepX) + Gap, ((long)rows * stepY) + Gap);
        var rgb = new byte[Bytes(width, height)];
        rgb.AsSpan().Fill((byte)(options.OnWhite ? 200 : 64));
        var stride = (int)width * Colors;
        for (var t = 0; t < frames.TimeSteps; t++)
        {
            var (row, column) = Math.DivRem(t, columns);
            painter.Paint(t, rgb.AsSpan((((row * stepY) + Gap) * stride) + (((column * stepX) + Gap) * Colors)), stride);
        }
        WriteWhole(path, file =>
        {
            var png = new PngStream(file);
            png.Begin((int)width, (int)height, frames: 1);
            png.Pixels(rgb, (int)width);
            png.End();
        });
    }

    private static int Bytes(long width, long height) => width * height * Colors is var bytes && bytes <= MaxBytes
        ? (int)bytes
        : throw new ArgumentException($"An image of {width} x {height} has {bytes} bytes; the maximum is {MaxBytes}. Use a smaller Scale.");

    private static void WriteWhole(string path, Action<Stream> write)
    {
        using var file = new PendingFile(path, isKept: false);
        write(file.Stream);
        file.Complete();
    }
}
