using System.Buffers;
using System.Numerics;

namespace MsVit.MLNet;

/// <summary>Resizes 8-bit images with antialiasing, byte for byte as Pillow does.</summary>
/// <remarks>
/// Rows first, then columns, rounded to bytes in between; weights have 22 fractional bits. Only the samples that the wanted window
/// depends on are computed. Thread-safe.
/// </remarks>
internal static class ImageResampler
{
    private const int Half = 1 << (FixedPointWeights.FractionBits - 1);

    /// <summary>Resizes an image and keeps a window of the result.</summary>
    /// <param name="source">[H, W, C] with C channels a pixel; a single plane has C = 1.</param>
    /// <param name="width">The width of the source.</param>
    /// <param name="height">The height of the source.</param>
    /// <param name="channels">The channels of source and destination.</param>
    /// <param name="newWidth">The width that the whole image is resized to.</param>
    /// <param name="newHeight">The height that the whole image is resized to.</param>
    /// <param name="filter">The kernel.</param>
    /// <param name="window">The part of the resized image that is wanted.</param>
    /// <param name="destination">[window.Height, window.Width, C].</param>
    public static void Resample(
        ReadOnlySpan<byte> source, int width, int height, int channels, int newWidth, int newHeight, ImageFilter filter, PixelBox window,
        Span<byte> destination)
    {
        var columns = new FixedPointWeights(new(width, newWidth, filter, window.Left, window.Width));
        var rows = new FixedPointWeights(new(height, newHeight, filter, window.Top, window.Height));
        var stride = window.Width * channels;
        if (newHeight == height)
        {
            ResampleRows(source.Slice(window.Top * width * channels, window.Height * width * channels), width, channels, columns,
                destination);
            return;
        }
        var needed = rows.EndInput - rows.FirstInput;
        var narrowed = ArrayPool<byte>.Shared.Rent(needed * stride);
        var band = narrowed.AsSpan(0, needed * stride);
        ResampleRows(source.Slice(rows.FirstInput * width * channels, needed * width * channels), width, channels, columns, band);
        for (var y = 0; y < window.Height; y++)
        {
            var above = rows.Start(y) - rows.FirstInput;
            AddRows(band[(above * stride)..], stride, rows.Of(y), destination.Slice(y * stride, stride));
        }
        ArrayPool<byte>.Shared.Return(narrowed);
    }

    /// <summary>[rows, width, C] to [rows, columns, C].</summary>
    private static void ResampleRows(ReadOnlySpan<byte> source, int width, int channels, FixedPointWeights columns, Span<byte> destination)
    {
        var stride = width * channels;
        var to = 0;
        for (var from = 0; from < source.Length; from += stride)
        {
            var row = source.Slice(from, stride);
            for (var x = 0; x < columns.Count; x++, to += channels)
            {
                var covered = row[(columns.Start(x) * channels)..];
                if (channels == 3)
                {
                    AddPixels(covered, columns.Of(x), destination.Slice(to, 3));
                }
                else
                {
                    AddSamples(covered, channels, columns.Of(x), destination.Slice(to, channels));
                }
            }
        }
    }

    private static void AddPixels(ReadOnlySpan<byte> pixels, ReadOnlySpan<int> weights, Span<byte> sum)
    {
        int red = Half, green = Half, blue = Half;
        pixels = pixels[..(weights.Length * 3)];
        for (var j = 0; j < weights.Length; j++)
        {
            var weight = weights[j];
            red += pixels[j * 3] * weight;
            green += pixels[(j * 3) + 1] * weight;
            blue += pixels[(j * 3) + 2] * weight;
        }
        sum[0] = ToByte(red);
        sum[1] = ToByte(green);
        sum[2] = ToByte(blue);
    }

    private static void AddSamples(ReadOnlySpan<byte> samples, int channels, ReadOnlySpan<int> weights, Span<byte> sum)
    {
        for (var c = 0; c < channels; c++)
        {
            var total = Half;
            for (var j = 0; j < weights.Length; j++)
            {
                total += samples[(j * channels) + c] * weights[j];
            }
            sum[c] = ToByte(total);
        }
    }

    /// <summary>The weighted sum of whole rows, a vector of samples at a time.</summary>
    private static void AddRows(ReadOnlySpan<byte> rows, int stride, ReadOnlySpan<int> weights, Span<byte> sum)
    {
        var i = 0;
        for (; i <= stride - Vector<byte>.Count; i += Vector<byte>.Count)
        {
            Vector<int> a = new(Half), b = a, c = a, d = a;
            for (var j = 0; j < weights.Length; j++)
            {
                Vector.Widen(new Vector<byte>(rows.Slice((j * stride) + i, Vector<byte>.Count)), out var low, out var high);
                Vector.Widen(low, out var first, out var second);
                Vector.Widen(high, out var third, out var fourth);
                var weight = new Vector<int>(weights[j]);
                a += Vector.AsVectorInt32(first) * weight;
                b += Vector.AsVectorInt32(second) * weight;
                c += Vector.AsVectorInt32(third) * weight;
                d += Vector.AsVectorInt32(fourth) * weight;
            }
            Vector.Narrow(Vector.Narrow(ToGray(a), ToGray(b)), Vector.Narrow(ToGray(c), ToGray(d))).CopyTo(sum[i..]);
        }
        for (; i < stride; i++)
        {
            var total = Half;
            for (var j = 0; j < weights.Length; j++)
            {
                total += rows[(j * stride) + i] * weights[j];
            }
            sum[i] = ToByte(total);
        }
    }

    private static byte ToByte(int sum) => (byte)Math.Clamp(sum >> FixedPointWeights.FractionBits, 0, 255);

    private static Vector<uint> ToGray(Vector<int> sum) =>
        Vector.AsVectorUInt32(Vector.Max(Vector.Min(Vector.ShiftRightArithmetic(sum, FixedPointWeights.FractionBits), new(255)),
            Vector<int>.Zero));
}
