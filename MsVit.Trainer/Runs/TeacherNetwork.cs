using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace MsVit.Trainer.Runs;

/// <summary>An ONNX model that gives a vector for each image: the network of a teacher.</summary>
internal sealed class TeacherNetwork : IDisposable
{
    private const int Batch = 32, LargestSide = 4096, MostValues = 16384;

    private const string PreparationOption = "--teacher-preparation";

    // What 'msvit export' writes: such a file normalizes its input itself.
    private const string OwnMetadata = "pixel_range";

    private readonly InferenceSession _session;
    private readonly InferenceSession? _preparation;
    private readonly string _input;
    private readonly bool _channelsLast;
    private readonly int? _fixedBatch;

    /// <param name="path">The model.</param>
    /// <param name="output">The output to take; null if it has only one of floats.</param>
    /// <param name="size">The size of its input, if the file leaves it open; null otherwise.</param>
    /// <param name="preparation">A model whose output is its input; null (the default) for none.</param>
    /// <exception cref="InvalidDataException">The file is not an ONNX model of images, or has no such output.</exception>
    public TeacherNetwork(string path, string? output, (int Width, int Height)? size, string? preparation = null)
    {
        Path = path;
        _session = Load("--teacher", path);
        try
        {
            _preparation = preparation is null ? null : Load(PreparationOption, preparation);
            CheckPreparation();
            (_input, var shape) = InputOf();
            _channelsLast = shape[1] is not (1 or 3) && shape[3] is 1 or 3;
            Channels = Positive(shape[_channelsLast ? 3 : 1]) ?? 3;
            (Width, Height) = SizeOf(shape, size);
            _fixedBatch = Positive(shape[0]);
            Output = OutputOf(output);
            NormalizesItself = _preparation is not null || _session.ModelMetadata.CustomMetadataMap.ContainsKey(OwnMetadata);
            // What it gives for a black image tells the width, and that it runs at all.
            Values = Run(new float[Channels * Height * Width], 1).Length;
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Columns of its input.</summary>
    public int Width { get; }

    /// <summary>Rows of its input.</summary>
    public int Height { get; }

    /// <summary>Channels of its input: 3, or 1 for gray.</summary>
    public int Channels { get; }

    /// <summary>The output that is taken.</summary>
    public string Output { get; }

    /// <summary>The values that it gives per image.</summary>
    public int Values { get; }

    /// <summary>Whether it takes pixels as they are, because 'msvit export' wrote it or another model prepares them.</summary>
    public bool NormalizesItself { get; }

    /// <summary>Images in one call.</summary>
    public int BatchSize => _fixedBatch ?? Batch;

    /// <summary>Runs the network.</summary>
    /// <param name="images">[count, C, H, W], normalized.</param>
    /// <param name="count">1 to <see cref="BatchSize"/>.</param>
    /// <returns>[count, <see cref="Values"/>].</returns>
    public float[] Run(ReadOnlySpan<float> images, int count)
    {
        var each = Channels * Height * Width;
        var values = new float[(_fixedBatch ?? count) * each];
        for (var image = 0; image < count; image++)
        {
            Arrange(images.Slice(image * each, each), values.AsSpan(image * each, each));
        }
        int[] shape = _channelsLast ? [values.Length / each, Height, Width, Channels] : [values.Length / each, Channels, Height, Width];
        try
        {
            var given = NamedOnnxValue.CreateFromTensor(_input, new DenseTensor<float>(values, shape));
            using var prepared = _preparation?.Run([given]);
            var input = prepared is null ? given
                : NamedOnnxValue.CreateFromTensor(_session.InputMetadata.Keys.Single(), prepared[0].AsTensor<float>());
            using var results = _session.Run([input], [Output]);
            var result = results[0].AsTensor<float>();
            var (rows, length) = (result.Dimensions.Length == 0 ? 0 : result.Dimensions[0], (int)result.Length);
            var width = rows == 0 ? 0 : length / rows;
            if (rows != shape[0] || width is < 1 or > MostValues)
            {
                throw new InvalidDataException($"--teacher {Path}: for {shape[0]} images, output {Output} has the shape "
                    + $"[{string.Join(", ", result.Dimensions.ToArray())}]; expected one row per image, of 1 to {MostValues} values. "
                    + $"Choose another with --teacher-output: {Names()}.");
            }
            return [.. result.ToArray().Take(count * width)];
        }
        catch (OnnxRuntimeException e)
        {
            throw new InvalidDataException(
                $"--teacher {Path} cannot be run on images of {Width} x {Height} pixels and {Channels} channels: {e.Message}", e);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _preparation?.Dispose();
        _session.Dispose();
    }

    // The model that sees the images.
    private InferenceSession First => _preparation ?? _session;

    private static InferenceSession Load(string option, string path)
    {
        using var options = new SessionOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
        try
        {
            return new(path, options);
        }
        catch (OnnxRuntimeException e)
        {
            throw new InvalidDataException($"{option} {path} is not an ONNX model that can be loaded: {e.Message}", e);
        }
    }

    private void CheckPreparation()
    {
        if (_preparation is null)
        {
            return;
        }
        if (_preparation.OutputMetadata.Count != 1 || _session.InputMetadata.Count != 1)
        {
            throw new InvalidDataException($"{PreparationOption} must have one output, which becomes the only input of --teacher {Path}: "
                + $"it has {string.Join("; ", _preparation.OutputMetadata.Select(item => Described(item.Key, item.Value)))}, "
                + $"and the teacher takes {string.Join("; ", _session.InputMetadata.Select(item => Described(item.Key, item.Value)))}.");
        }
    }

    private static int? Positive(int size) => size > 0 ? size : null;

    // Channels to the last axis, if the file has them there.
    private void Arrange(ReadOnlySpan<float> image, Span<float> target)
    {
        if (!_channelsLast)
        {
            image.CopyTo(target);
            return;
        }
        var plane = Height * Width;
        for (var i = 0; i < image.Length; i++)
        {
            target[(i % plane * Channels) + (i / plane)] = image[i];
        }
    }

    private (string Name, int[] Shape) InputOf()
    {
        var inputs = First.InputMetadata;
        return inputs.Count == 1 && inputs.Single() is { Value: { IsTensor: true, Dimensions.Length: 4 } only } input
            && only.ElementType == typeof(float)
            && (only.Dimensions[1] is 1 or 3 || only.Dimensions[3] is 1 or 3 || only.Dimensions[1] <= 0)
            ? (input.Key, only.Dimensions)
            : throw new InvalidDataException($"--teacher {Path} does not take one batch of images: expected one input of floats of the "
                + "shape [batch, channels, height, width] or [batch, height, width, channels], with 3 channels or 1; it has "
                + $"{string.Join("; ", inputs.Select(item => Described(item.Key, item.Value)))}.");
    }

    private (int Width, int Height) SizeOf(int[] shape, (int Width, int Height)? size)
    {
        var (height, width) = (Positive(shape[_channelsLast ? 1 : 2]), Positive(shape[_channelsLast ? 2 : 3]));
        if (size is { } given && ((width ?? given.Width, height ?? given.Height) != given))
        {
            throw new InvalidDataException($"--teacher-size is {given.Width}x{given.Height}, but {Path} takes images of "
                + $"{width?.ToString() ?? "any"} x {height?.ToString() ?? "any"} pixels: leave --teacher-size out.");
        }
        var (w, h) = (width ?? size?.Width ?? 0, height ?? size?.Height ?? 0);
        return w is > 0 and <= LargestSide && h is > 0 and <= LargestSide ? (w, h) : throw new InvalidDataException(w == 0 || h == 0
            ? $"--teacher {Path} takes images of any size: add --teacher-size WxH, such as 224x224."
            : $"--teacher {Path} takes images of {w} x {h} pixels; at most {LargestSide} along each axis are possible.");
    }

    private string OutputOf(string? name)
    {
        var floats = _session.OutputMetadata.Where(output => output.Value.IsTensor && output.Value.ElementType == typeof(float))
            .Select(output => output.Key).ToArray();
        return name is not null && floats.Contains(name) ? name
            : name is null && floats.Length == 1 ? floats[0]
            : throw new InvalidDataException(name is null
                ? $"--teacher {Path} has {floats.Length} outputs of floats: choose one with --teacher-output. It has {Names()}."
                : $"--teacher-output {name}: {Path} has no output of floats with this name. It has {Names()}.");
    }

    private string Names() => string.Join("; ", _session.OutputMetadata.Select(item => Described(item.Key, item.Value)));

    private static string Described(string name, NodeMetadata data) => data.IsTensor
        ? $"{name} ({data.ElementType.Name} [{string.Join(", ", data.Dimensions.Select(size => size > 0 ? size.ToString() : "any"))}])"
        : $"{name} ({data.OnnxValueType})";
}
