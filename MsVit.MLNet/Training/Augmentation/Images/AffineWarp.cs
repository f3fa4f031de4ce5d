using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace MsVit.MLNet;

/// <summary>Rotates, shears and shifts images with bicubic or bilinear interpolation, byte for byte as Pillow does.</summary>
/// <remarks>
/// A pixel whose source position lies outside of the image takes the fill color, with a hard edge. Otherwise neighbors outside are
/// replaced by those at the edge. Interpolation runs along x, then y, in float64; the result is clipped to 0..255 and truncated. The
/// channels of a pixel are the lanes of one vector.
/// </remarks>
internal static class AffineWarp
{
    private const int Lanes = 4;

    /// <summary>Warps an image.</summary>
    /// <param name="source">[C, H, W].</param>
    /// <param name="shape">The shape of source and target; at most four channels.</param>
    /// <param name="map">The source position of each pixel.</param>
    /// <param name="filter">Bicubic or bilinear.</param>
    /// <param name="fill">The level of each channel outside of the source.</param>
    /// <param name="target">[C, H, W]; not the memory of the source.</param>
    public static void Apply(
        ReadOnlySpan<byte> source, ImageShape shape, AffineMap map, WarpFilter filter, ReadOnlySpan<byte> fill, Span<byte> target)
    {
        var rented = ArrayPool<float>.Shared.Rent(Lanes * shape.Plane);
        var pixels = MemoryMarshal.Cast<float, Vector128<float>>(rented.AsSpan(0, Lanes * shape.Plane));
        Interleave(source, shape, pixels);
        var outside = Vector256<double>.Zero;
        for (var c = 0; c < shape.Channels; c++)
        {
            outside = outside.WithElement(c, fill[c]);
        }
        var white = Vector256.Create((double)byte.MaxValue);
        for (var row = 0; row < shape.Height; row++)
        {
            for (var column = 0; column < shape.Width; column++)
            {
                var (x, y) = map.Source(column, row);
                var inside = x >= 0 && x < shape.Width && y >= 0 && y < shape.Height;
                var levels = !inside ? outside
                    : filter == WarpFilter.Bicubic ? Bicubic(pixels, shape, x - 0.5, y - 0.5)
                    : Bilinear(pixels, shape, x - 0.5, y - 0.5);
                levels = Vector256.Min(Vector256.Max(levels, Vector256<double>.Zero), white);
                for (var (c, at) = (0, (row * shape.Width) + column); c < shape.Channels; c++, at += shape.Plane)
                {
                    target[at] = (byte)levels[c];
                }
            }
        }
        ArrayPool<float>.Shared.Return(rented);
    }

    private static void Interleave(ReadOnlySpan<byte> source, ImageShape shape, Span<Vector128<float>> pixels)
    {
        pixels.Clear();
        var lanes = MemoryMarshal.Cast<Vector128<float>, float>(pixels);
        for (var c = 0; c < shape.Channels; c++)
        {
            var plane = source.Slice(c * shape.Plane, shape.Plane);
            for (var i = 0; i < plane.Length; i++)
            {
                lanes[(Lanes * i) + c] = plane[i];
            }
        }
    }

    private static Vector256<double> Bicubic(ReadOnlySpan<Vector128<float>> pixels, ImageShape shape, double x, double y)
    {
        var (left, top) = ((int)Math.Floor(x), (int)Math.Floor(y));
        var across = new Taps(left, shape.Width, x - left);
        var down = y - top;
        if (down == 0)
        {
            return Along(pixels.Slice(top * shape.Width, shape.Width), across);
        }
        return Cubic(
            Along(Row(pixels, shape, top - 1), across),
            Along(Row(pixels, shape, top), across),
            Along(Row(pixels, shape, top + 1), across),
            Along(Row(pixels, shape, top + 2), across),
            Vector256.Create(down));
    }

    private static Vector256<double> Along(ReadOnlySpan<Vector128<float>> row, in Taps taps) => taps.Fraction == 0
        ? At(row, taps.First)
        : Cubic(At(row, taps.Before), At(row, taps.First), At(row, taps.Second), At(row, taps.After), Vector256.Create(taps.Fraction));

    // p0 + t (p1 - p-1 + t (2 (p-1 - p0) + p1 - p2 + t (-p-1 + p0 - p1 + p2)))
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> Cubic(
        Vector256<double> before, Vector256<double> first, Vector256<double> second, Vector256<double> after, Vector256<double> fraction)
    {
        var slope = second - before;
        var difference = before - first;
        var curve = difference + difference + second - after;
        var twist = first - before - second + after;
        return first + (fraction * (slope + (fraction * (curve + (fraction * twist)))));
    }

    private static Vector256<double> Bilinear(ReadOnlySpan<Vector128<float>> pixels, ImageShape shape, double x, double y)
    {
        var (left, top) = ((int)Math.Floor(x), (int)Math.Floor(y));
        var (across, down) = (Vector256.Create(x - left), Vector256.Create(y - top));
        var (first, second) = (Math.Max(left, 0), Math.Min(left + 1, shape.Width - 1));
        var above = Between(Row(pixels, shape, top), first, second, across);
        var below = Between(Row(pixels, shape, top + 1), first, second, across);
        return above + ((below - above) * down);
    }

    private static Vector256<double> Between(ReadOnlySpan<Vector128<float>> row, int first, int second, Vector256<double> fraction)
    {
        var from = At(row, first);
        return from + ((At(row, second) - from) * fraction);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> At(ReadOnlySpan<Vector128<float>> row, int column) =>
        Vector256.WidenLower(row[column].ToVector256Unsafe());

    private static ReadOnlySpan<Vector128<float>> Row(ReadOnlySpan<Vector128<float>> pixels, ImageShape shape, int row) =>
        pixels.Slice(Math.Clamp(row, 0, shape.Height - 1) * shape.Width, shape.Width);

    /// <summary>The four columns around a position, clamped to the image, and the distance of the position from the second.</summary>
    private readonly struct Taps(int left, int width, double fraction)
    {
        public readonly int Before = Math.Max(left - 1, 0);
        public readonly int First = Math.Max(left, 0);
        public readonly int Second = Math.Min(left + 1, width - 1);
        public readonly int After = Math.Min(left + 2, width - 1);
        public readonly double Fraction = fraction;
    }
}
