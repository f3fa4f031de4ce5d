using System.Runtime.InteropServices;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MsVit.MLNet;

/// <summary>Reads an input column and fits each value to the network's input.</summary>
/// <remarks>
/// Two steps, so that the second can run on several threads: <see cref="Capture"/> copies what the row holds, on the thread that
/// moves the cursor; <see cref="Fit"/> decodes and resizes it.
/// </remarks>
internal sealed class InputColumnReader
{
    private readonly InputConfig _config;
    private readonly ImageFitter? _images;
    private readonly PixelVectorFitter? _vectors;
    private readonly Func<CapturedInput> _capture;

    /// <summary>Makes a reader over a row or cursor on which the column is active.</summary>
    public InputColumnReader(DataViewRow row, InputColumn input, InputConfig config)
    {
        var column = row.Schema[input.Name];
        var describe = InputPath.Describer(row);
        _config = config;
        _images = input.IsFloat || input.IsFrames ? null : config.Fitter();
        _vectors = input.Kind == InputColumnKind.PixelVector ? input.VectorFitter(config) : null;
        var capture = input.Kind switch
        {
            InputColumnKind.Decoded => CaptureDecoded(row.GetGetter<MLImage>(column), describe),
            InputColumnKind.Encoded => CaptureEncoded(row.GetGetter<VBuffer<byte>>(column), describe),
            InputColumnKind.PixelBytes => CapturePixels(
                row.GetGetter<VBuffer<byte>>(column), PixelVectorShape.FromDimensions(input.Dimensions)!, describe),
            InputColumnKind.FrameBytes => CaptureFrames(row.GetGetter<VBuffer<byte>>(column), describe),
            _ => CaptureVector(row.GetGetter<VBuffer<float>>(column), describe),
        };
        _capture = () => Guarded(capture, describe);
        Shape = config.Shape(input);
    }

    /// <summary>The shape of what <see cref="Fit"/> writes.</summary>
    public SampleShape Shape { get; }

    /// <summary>Captures the input of the cursor's current row.</summary>
    public CapturedInput Capture() => _capture();

    /// <summary>Decodes and resizes an image, or checks and copies frames.</summary>
    /// <param name="input">What <see cref="Capture"/> returned.</param>
    /// <param name="target">[C, H, W] or [T, C, H, W], of bytes; of floats for a column of floats.</param>
    /// <exception cref="UndecodableImageException">It cannot be read; the message names the row.</exception>
    public void Fit(CapturedInput input, Span<byte> target)
    {
        if (input.Fault is { } fault)
        {
            throw InputFault.Of(input.Source, fault);
        }
        if (input.Frames is { } frames)
        {
            CheckFrames(frames.Length, target.Length, input.Source);
            frames.CopyTo(target);
            return;
        }
        if (input.Vector is { } vector)
        {
            FitVector(vector, input.Source, MemoryMarshal.Cast<byte, float>(target));
            return;
        }
        if (input.Image is null && input.Encoded is null)
        {
            throw new UndecodableImageException(
                input.Source, "The row has no image. Check the file that it was loaded from, or remove the row.");
        }
        _images!.Fit(input.Image ?? ImageDecoder.Decode(input.Encoded, input.Source, _images, _config.MaxPixels), target);
    }

    // A recording is decoded, and an image file is read, when the row is captured.
    private static CapturedInput Guarded(Func<CapturedInput> capture, Func<string> describe)
    {
        try
        {
            return capture();
        }
        catch (Exception e) when (InputFault.IsOfRow(e))
        {
            return new(describe()) { Fault = e };
        }
    }

    // EventsToFrames gives an empty vector for a recording that could not be read, although the column's size is known.
    private static void CheckFrames(int length, int expected, string source)
    {
        if (length != expected)
        {
            throw new UndecodableImageException(source, length == 0
                ? "The row has no event frames: its recording could not be read."
                : $"The row has frames of {length} counts; expected {expected}.");
        }
    }

    private void FitVector(float[] vector, string source, Span<float> target)
    {
        if (_config.IsFrames)
        {
            CheckFrames(vector.Length, target.Length, source);
        }
        foreach (var value in vector)
        {
            if (!float.IsFinite(value))
            {
                throw new UndecodableImageException(
                    source, $"The pixel vector holds the value {value}; every pixel must be a finite number.");
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

    private static Func<CapturedInput> CaptureDecoded(ValueGetter<MLImage> getter, Func<string> describe)
    {
        // Never disposed here: the getter disposes or reuses the last image, or the image belongs to the caller's list.
        MLImage? image = null;
        return () =>
        {
            getter(ref image!);
            return new CapturedInput(describe()) { Image = image is null ? null : MLImagePixels.ToRgb(image) };
        };
    }

    private static Func<CapturedInput> CaptureEncoded(ValueGetter<VBuffer<byte>> getter, Func<string> describe)
    {
        VBuffer<byte> bytes = default;
        return () =>
        {
            getter(ref bytes);
            var copy = new byte[bytes.Length];
            bytes.CopyTo(copy);
            return new CapturedInput(describe()) { Encoded = copy };
        };
    }

    private static Func<CapturedInput> CapturePixels(ValueGetter<VBuffer<byte>> getter, PixelVectorShape shape, Func<string> describe)
    {
        VBuffer<byte> bytes = default;
        var dense = new byte[shape.Length];
        return () =>
        {
            getter(ref bytes);
            bytes.CopyTo(dense);
            return new CapturedInput(describe()) { Image = shape.ToRgb(dense) };
        };
    }

    private static Func<CapturedInput> CaptureFrames(ValueGetter<VBuffer<byte>> getter, Func<string> describe)
    {
        VBuffer<byte> frames = default;
        return () =>
        {
            getter(ref frames);
            var copy = new byte[frames.Length];
            frames.CopyTo(copy);
            return new CapturedInput(describe()) { Frames = copy };
        };
    }

    private static Func<CapturedInput> CaptureVector(ValueGetter<VBuffer<float>> getter, Func<string> describe)
    {
        VBuffer<float> pixels = default;
        return () =>
        {
            getter(ref pixels);
            var copy = new float[pixels.Length];
            pixels.CopyTo(copy);
            return new CapturedInput(describe()) { Vector = copy };
        };
    }
}
