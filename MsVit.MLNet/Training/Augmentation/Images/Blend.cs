using System.Buffers;
using System.Numerics;

namespace MsVit.MLNet;

/// <summary>Blends a degenerate image d with an image v, or extrapolates beyond it: out = trunc(clip(d + f (v - d), 0, 255)).</summary>
/// <remarks>
/// Pillow's ImageEnhance, to the byte: factor, product and sum are float32, without a fused multiply-add. A factor of 0 gives the
/// degenerate image and 1 the image itself; larger factors exaggerate it.
/// </remarks>
internal static class Blend
{
    private const float White = byte.MaxValue;

    /// <summary>Brightness: away from black (above 1) or toward it.</summary>
    public static void Brightness(Span<byte> image, float factor) => Towards(image, 0, factor);

    /// <summary>Contrast: away from the mean gray of the whole image or toward it.</summary>
    /// <param name="image">[C, H, W], one or three channels.</param>
    /// <param name="shape">Its shape.</param>
    /// <param name="factor">0 or more.</param>
    public static void Contrast(Span<byte> image, ImageShape shape, float factor)
    {
        var rented = ArrayPool<byte>.Shared.Rent(shape.Plane);
        var gray = rented.AsSpan(0, shape.Plane);
        Gray(image, shape, gray);
        var sum = 0L;
        foreach (var level in gray)
        {
            sum += level;
        }
        ArrayPool<byte>.Shared.Return(rented);
        Towards(image, (int)(((double)sum / shape.Plane) + 0.5), factor);
    }

    /// <summary>Saturation: away from gray or toward it; a gray image does not change.</summary>
    /// <param name="image">[C, H, W], one or three channels.</param>
    /// <param name="shape">Its shape.</param>
    /// <param name="factor">0 or more.</param>
    public static void Color(Span<byte> image, ImageShape shape, float factor)
    {
        if (shape.Channels == 1 || factor == 1)
        {
            return;
        }
        var rented = ArrayPool<byte>.Shared.Rent(shape.Plane);
        var gray = rented.AsSpan(0, shape.Plane);
        Gray(image, shape, gray);
        for (var c = 0; c < shape.Channels; c++)
        {
            Towards(image.Slice(c * shape.Plane, shape.Plane), gray, factor);
        }
        ArrayPool<byte>.Shared.Return(rented);
    }

    /// <summary>Blends with a degenerate image of the same size.</summary>
    public static void Towards(Span<byte> pixels, ReadOnlySpan<byte> degenerate, float factor)
    {
        if (factor == 1)
        {
            return;
        }
        var i = 0;
        for (; i <= pixels.Length - Vector<byte>.Count; i += Vector<byte>.Count)
        {
            Vector.Widen(new Vector<byte>(pixels[i..]), out var low, out var high);
            Vector.Widen(new Vector<byte>(degenerate[i..]), out var lowD, out var highD);
            Vector.Narrow(Of(lowD, low, factor), Of(highD, high, factor)).CopyTo(pixels[i..]);
        }
        for (; i < pixels.Length; i++)
        {
            pixels[i] = Of(degenerate[i], pixels[i], factor);
        }
    }

    private static void Towards(Span<byte> pixels, int degenerate, float factor)
    {
        if (factor == 1)
        {
            return;
        }
        Span<byte> table = stackalloc byte[GrayTable.Levels];
        for (var v = 0; v < table.Length; v++)
        {
            table[v] = Of(degenerate, v, factor);
        }
        GrayTable.Apply(pixels, table);
    }

    private static byte Of(int degenerate, int value, float factor) =>
        (byte)Math.Clamp(degenerate + (factor * (value - degenerate)), 0f, White);

    private static Vector<ushort> Of(Vector<ushort> degenerate, Vector<ushort> values, float factor)
    {
        Vector.Widen(degenerate, out var lowD, out var highD);
        Vector.Widen(values, out var low, out var high);
        return Vector.Narrow(Of(lowD, low, factor), Of(highD, high, factor));
    }

    private static Vector<uint> Of(Vector<uint> degenerate, Vector<uint> values, float factor)
    {
        var from = Vector.ConvertToSingle(Vector.AsVectorInt32(degenerate));
        var sum = from + (new Vector<float>(factor) * (Vector.ConvertToSingle(Vector.AsVectorInt32(values)) - from));
        return Vector.AsVectorUInt32(Vector.ConvertToInt32(Vector.Min(Vector.Max(sum, Vector<float>.Zero), new(White))));
    }

    private static void Gray(ReadOnlySpan<byte> image, ImageShape shape, Span<byte> gray)
    {
        if (shape.Channels == 1)
        {
            image.CopyTo(gray);
            return;
        }
        Luma.FromPlanes(image[..shape.Plane], image.Slice(shape.Plane, shape.Plane), image.Slice(2 * shape.Plane, shape.Plane), gray);
    }
}
