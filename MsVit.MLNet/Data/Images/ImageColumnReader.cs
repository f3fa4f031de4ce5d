using System.Runtime.InteropServices;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MsVit.MLNet;

/// <summary>Reads the images of a column and brings them to the network's input size.</summary>
/// <remarks>
/// Two steps, so that the second can run on several threads: <see cref="Capture"/> takes what the row holds, on the thread that
/// moves the cursor; <see cref="Fit"/> decodes and resizes it.
/// </remarks>
internal sealed class ImageColumnReader
{
    private readonly ImageInput _input;
    private readonly ImageFitter? _images;
    private readonly PixelVectorFitter? _vectors;
    private readonly Func<CapturedImage> _capture;

    /// <summary>Makes a reader over a row or cursor on which the column is active.</summary>
    public ImageColumnReader(DataViewRow row, ImageColumn image, ImageInput input)
    {
        var column = row.Schema[image.Name];
        var describe = ImagePath.Describer(row);
        _input = input;
        _images = image.IsFloat || image.IsFrames ? null : input.Fitter();
        _vectors = image.Kind == ImageColumnKind.PixelVector ? image.VectorFitter(input) : null;
        _capture = image.Kind switch
        {
            ImageColumnKind.Decoded => CaptureDecoded(row.GetGetter<MLImage>(column), describe),
            ImageColumnKind.Encoded => CaptureEncoded(row.GetGetter<VBuffer<byte>>(column), describe),
            ImageColumnKind.PixelBytes => CapturePixels(
                row.GetGetter<VBuffer<byte>>(column), PixelVectorShape.FromDimensions(image.Dimensions)!, describe),
            ImageColumnKind.FrameBytes => CaptureFrames(row.GetGetter<VBuffer<byte>>(column), describe),
            _ => CaptureVector(row.GetGetter<VBuffer<float>>(column), describe),
        };
        Shape = input.Shape(image);
    }

    /// <summary>The stored form of what <see cref="Fit"/> writes.</summary>
    public SampleShape Shape { get; }

    /// <summary>Takes the image of the row on which the cursor stands.</summary>
    public CapturedImage Capture() => _capture();

    /// <summary>Decodes and resizes an image.</summary>
    /// <param name="image">What <see cref="Capture"/> took.</param>
    /// <param name="target">[C, H, W] of bytes, or of floats for pixel vectors.</param>
    /// <exception cref="UndecodableImageException">It is not an image that can be read; the message names the row.</exception>
    public void Fit(CapturedImage image, Span<byte> target)
    {
        if (image.Frames is { } frames)
        {
            CheckFrames(frames.Length, target.Length, image.Source);
            frames.CopyTo(target);
            return;
        }
        if (image.Vector is { } vector)
        {
            FitVector(vector, image.Source, MemoryMarshal.Cast<byte, float>(target));
            return;
        }
        if (image.Image is null && image.Encoded is null)
        {
            throw new UndecodableImageException(image.Source, "The row has no image. Check the file that it was loaded from, or remove the row.");
        }
        _images!.Fit(image.Image ?? ImageDecoder.Decode(image.Encoded, image.Source, _images, _input.MaxPixels), target);
    }

    // A vector of known size may still be empty: so a recording that could not be read comes out of EventsToFrames.
    private static void CheckFrames(int length, int expected, string source)
    {
        if (length != expected)
        {
            throw new UndecodableImageException(source, length == 0
                ? "The row has no event frames: its recording could not be read."
                : $"The row has frames of {length} counts; {expected} were expected.");
        }
    }

    private void FitVector(float[] vector, string source, Span<float> target)
    {
        if (_input.IsFrames)
        {
            CheckFrames(vector.Length, target.Length, source);
        }
        foreach (var value in vector)
        {
            if (!float.IsFinite(value))
            {
                throw new UndecodableImageException(source, $"The pixel vector holds the value {value}; every pixel must be a finite number.");
            }
        }
        if (_vectors is null)
        {
            vector.CopyTo(target);
        }
        else
        {
            _vectors.Fit(vector, target);
        }
    }

    private static Func<CapturedImage> CaptureDecoded(ValueGetter<MLImage> getter, Func<string> describe)
    {
        // The getter disposes or reuses what it is handed back, or the image belongs to the caller's own list: never disposed here.
        MLImage? image = null;
        return () =>
        {
            getter(ref image!);
            return new CapturedImage(describe()) { Image = image is null ? null : MLImagePixels.ToRgb(image) };
        };
    }

    private static Func<CapturedImage> CaptureEncoded(ValueGetter<VBuffer<byte>> getter, Func<string> describe)
    {
        VBuffer<byte> bytes = default;
        return () =>
        {
            getter(ref bytes);
            var copy = new byte[bytes.Length];
            bytes.CopyTo(copy);
            return new CapturedImage(describe()) { Encoded = copy };
        };
    }

    private static Func<CapturedImage> CapturePixels(ValueGetter<VBuffer<byte>> getter, PixelVectorShape shape, Func<string> describe)
    {
        VBuffer<byte> bytes = default;
        var dense = new byte[shape.Length];
        return () =>
        {
            getter(ref bytes);
            bytes.CopyTo(dense);
            return new CapturedImage(describe()) { Image = shape.ToRgb(dense) };
        };
    }

    private static Func<CapturedImage> CaptureFrames(ValueGetter<VBuffer<byte>> getter, Func<string> describe)
    {
        VBuffer<byte> frames = default;
        return () =>
        {
            getter(ref frames);
            var copy = new byte[frames.Length];
            frames.CopyTo(copy);
            return new CapturedImage(describe()) { Frames = copy };
        };
    }

    private static Func<CapturedImage> CaptureVector(ValueGetter<VBuffer<float>> getter, Func<string> describe)
    {
        VBuffer<float> pixels = default;
        return () =>
        {
            getter(ref pixels);
            var copy = new float[pixels.Length];
            pixels.CopyTo(copy);
            return new CapturedImage(describe()) { Vector = copy };
        };
    }
}
