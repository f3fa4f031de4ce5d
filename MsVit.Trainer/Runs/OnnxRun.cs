using System.Diagnostics;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using MsVit.MLNet;

namespace MsVit.Trainer.Runs;

/// <summary>Runs an ONNX model in ONNX Runtime, and times it.</summary>
internal sealed class OnnxRun : IDisposable
{
    private readonly InferenceSession _session;
    private readonly string _input;

    /// <param name="path">The model.</param>
    /// <param name="threads">The number of threads.</param>
    /// <exception cref="InvalidDataException">The file is not an ONNX model from 'msvit export'.</exception>
    public OnnxRun(string path, int threads)
    {
        Path = path;
        using var options = new SessionOptions
        {
            IntraOpNumThreads = threads,
            InterOpNumThreads = 1,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
        };
        try
        {
            _session = new(path, options);
        }
        catch (OnnxRuntimeException e)
        {
            throw new InvalidDataException($"{path} cannot be loaded: {e.Message}", e);
        }
        if (_session.InputMetadata.Count != 1 || !_session.OutputMetadata.ContainsKey("Score"))
        {
            _session.Dispose();
            throw new InvalidDataException($"{path} is not a model from 'msvit export': expected one input and an output Score.");
        }
        _input = _session.InputMetadata.Keys.Single();
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>The size of the file in bytes.</summary>
    public long Size => new FileInfo(Path).Length;

    /// <summary>The most likely class of each row.</summary>
    public int[] Predict(OnnxBatch batch)
    {
        using var results = Run(batch);
        var scores = results[0].AsTensor<float>();
        return [.. scores.ToArray().Chunk(scores.Dimensions[1]).Select(row => row.AsSpan().IndexOf(row.Max()))];
    }

    /// <summary>Times one batch, in milliseconds.</summary>
    public double Time(OnnxBatch batch)
    {
        var start = Stopwatch.GetTimestamp();
        using var results = Run(batch);
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    /// <inheritdoc/>
    public void Dispose() => _session.Dispose();

    private IDisposableReadOnlyCollection<DisposableNamedOnnxValue> Run(OnnxBatch batch) =>
        _session.Run([NamedOnnxValue.CreateFromTensor(_input, new DenseTensor<float>(batch.Input, [.. batch.Shape]))], ["Score"]);
}
