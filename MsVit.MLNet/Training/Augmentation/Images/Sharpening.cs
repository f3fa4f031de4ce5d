using System.Buffers;

namespace MsVit.MLNet;

/// <summary>Extrapolates away from a smoothed image (a factor above 1), or blends toward it.</summary>
/// <remarks>
/// Pillow's ImageEnhance.Sharpness: smoothed = trunc((sum of the nine neighbors + 4 x center) / 13 + 0.5) per channel; the outermost
/// rows and columns are not changed.
/// </remarks>
internal static class Sharpening
{
    /// <summary>Sharpens or smooths in place.</summary>
    /// <param name="image">[C, H, W], any number of channels.</param>
    /// <param name="shape">Its shape.</param>
    /// <param name="factor">0 or more; 1 changes nothing.</param>
    public static void Apply(Span<byte> image, ImageShape shape, float factor)
    {
        if (factor == 1)
        {
            return;
        }
        var rented = ArrayPool<byte>.Shared.Rent(shape.Plane);
        var smoothed = rented.AsSpan(0, shape.Plane);
        for (var c = 0; c < shape.Channels; c++)
        {
            var plane = image.Slice(c * shape.Plane, shape.Plane);
            Smooth(plane, shape.Width, smoothed);
            Blend.Towards(plane, smoothed, factor);
        }
        ArrayPool<byte>.Shared.Return(rented);
    }

    private static void Smooth(ReadOnlySpan<byte> plane, int width, Span<byte> smoothed)
    {
        plane.CopyTo(smoothed);
        for (var start = width; start < plane.Length - width; start += width)
        {
            var above = plane.Slice(start - width, width);
            var row = plane.Slice(start, width);
            var below = plane.Slice(start + width, width);
            var to = smoothed.Slice(start, width);
            for (var x = 1; x < row.Length - 1; x++)
            {
                var sum = above[x - 1] + above[x] + above[x + 1]
                    + row[x - 1] + (5 * row[x]) + row[x + 1]
                    + below[x - 1] + below[x] + below[x + 1];
                // floor(sum / 13 + 1/2); a half cannot occur.
                to[x] = (byte)((sum + 6) / 13);
            }
        }
    }
}
