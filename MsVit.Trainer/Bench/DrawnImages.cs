using System.Runtime.InteropServices;
using MsVit.MLNet;
using SkiaSharp;
using static TorchSharp.torch;

namespace MsVit.Trainer.Bench;

/// <summary>Square images for the benchmarks, drawn, so that nothing has to be downloaded.</summary>
internal static class DrawnImages
{
    private const int Channels = 3;
    private const int Quality = 90;

    /// <summary>From their bytes to a network's input.</summary>
    public static PixelNormalization Normalization { get; } = new([0.5f, 0.5f, 0.5f], [0.25f, 0.25f, 0.25f], byte.MaxValue);

    /// <summary>What one image is.</summary>
    public static SampleShape Shape(int size) => new(Channels, size, size, IsFloat: false);

    /// <summary>The first images, [count, 3, size, size].</summary>
    public static byte[] Planar(int count, int size)
    {
        var images = new ShapeImages(seed: 1, size);
        var bytes = Shape(size).Bytes;
        var planar = new byte[count * bytes];
        for (var i = 0; i < count; i++)
        {
            images.Draw(i, planar.AsSpan(i * bytes, bytes));
        }
        return planar;
    }

    /// <summary>The first images as a network's input, [count, 3, size, size] float32; the caller's.</summary>
    public static Tensor Input(int count, int size, Device? device = null) =>
        Normalization.Apply(Planar(count, size), count, size, size, isFloat: false, device ?? CPU);

    /// <summary>The first images, decoded, in memory; the caller's.</summary>
    public static SampleStore Store(int count, int size)
    {
        var shape = Shape(size);
        var planar = Planar(count, size);
        var store = new SampleStore(shape.Bytes, planar.Length, Path.GetTempPath());
        for (var i = 0; i < count; i++)
        {
            store.Add(planar.AsSpan(i * shape.Bytes, shape.Bytes), ShapeImages.Label(i));
        }
        store.Seal();
        return store;
    }

    /// <summary>The first images as files.</summary>
    public static byte[][] Encoded(int count, int size, SKEncodedImageFormat format)
    {
        var planar = Planar(count, size);
        var plane = size * size;
        using var bitmap = new SKBitmap(new SKImageInfo(size, size, SKColorType.Rgba8888, SKAlphaType.Opaque));
        var rgba = new byte[4 * plane];
        return [.. Enumerable.Range(0, count).Select(Encode)];

        byte[] Encode(int image)
        {
            for (var i = 0; i < plane; i++)
            {
                for (var c = 0; c < Channels; c++)
                {
                    rgba[4 * i + c] = planar[(image * Channels + c) * plane + i];
                }
                rgba[4 * i + 3] = byte.MaxValue;
            }
            Marshal.Copy(rgba, 0, bitmap.GetPixels(), rgba.Length);
            using var data = bitmap.Encode(format, Quality);
            return data.ToArray();
        }
    }
}
