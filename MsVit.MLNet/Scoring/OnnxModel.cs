using System.Globalization;

namespace MsVit.MLNet;

/// <summary>A model of <see cref="MsVitTransformer.SaveAsOnnx"/>, which ONNX Runtime computes; torch is not needed.</summary>
internal sealed class OnnxModel : IScorer
{
    // A batch of fewer multiply-accumulates than this gains little from a second thread, and loses where other processes use the cores.
    private const long WorthThreads = 200_000_000;

    private readonly Lazy<OnnxSession> _small, _large;
    private readonly string _source;
    private readonly long _macs;
    private int _calls;
    private bool _disposed, _freed;

    /// <summary>Loads a model.</summary>
    /// <param name="bytes">The file.</param>
    /// <param name="source">What messages call it.</param>
    /// <exception cref="InvalidDataException">It is damaged, or was not written by this library; the message says what to do.</exception>
    /// <exception cref="DllNotFoundException">The application lacks ONNX Runtime's native library.</exception>
    public OnnxModel(byte[] bytes, string source)
    {
        (Bytes, _source) = (bytes, source);
        var metadata = OnnxFile.ReadMetadata(bytes, source);
        Card = ReadCard(metadata, source);
        Frames = metadata.GetValueOrDefault(OnnxContents.FramesKey);
        Undecodable = Card.Undecodable;
        _macs = NetworkPlan.Of(Card.Network).ConvolutionMacs;
        _small = new(() => Open(threads: 1));
        _large = Environment.ProcessorCount == 1 ? _small : new(() => Open(Environment.ProcessorCount));
        // A damaged graph is an error now.
        _ = SessionFor(1).Value;
    }

    /// <inheritdoc cref="OnnxFile.IsOnnx"/>
    public static bool IsOnnx(string path, ReadOnlySpan<byte> start) => OnnxFile.IsOnnx(path, start);

    /// <inheritdoc/>
    public ModelCard Card { get; }

    /// <inheritdoc/>
    public UndecodableImagePolicy Undecodable { get; set; }

    /// <summary>The file.</summary>
    public byte[] Bytes { get; }

    /// <summary>How recordings become the network's frames, as JSON; null if the file does not say so.</summary>
    public string? Frames { get; }

    /// <inheritdoc/>
    public float[] Score(ReadOnlySpan<byte> samples, SampleShape shape, int count)
    {
        // Native memory must not be freed under a running call.
        Interlocked.Increment(ref _calls);
        try
        {
            ThrowIfDisposed();
            return SessionFor(count).Value.Score(samples, shape.IsFloat, count);
        }
        finally
        {
            if (Interlocked.Decrement(ref _calls) == 0 && Volatile.Read(ref _disposed))
            {
                Free();
            }
        }
    }

    /// <summary>Says why a model without a torch network cannot do what only such a network can.</summary>
    public NotSupportedException OnlyPredicts() => new(
        $"{_source} is an ONNX model, which only predicts. Training, analysis, insight, weights and other exports need the model that it "
        + "was exported from.");

    /// <inheritdoc/>
    public void ThrowIfDisposed()
    {
        if (Volatile.Read(ref _disposed))
        {
            throw IScorer.Disposed();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Volatile.Write(ref _disposed, true);
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _calls) == 0)
        {
            Free();
        }
    }

    private static ModelCard ReadCard(IReadOnlyDictionary<string, string> metadata, string source)
    {
        if (!metadata.TryGetValue(OnnxContents.FormatKey, out var format)
            || !metadata.TryGetValue(OnnxContents.CardKey, out var json))
        {
            throw new InvalidDataException(
                $"{source} was exported by an earlier version of MsVit, and does not say how images become its input. "
                + OnnxFile.ExportAgain);
        }
        if (!int.TryParse(format, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number > OnnxContents.Format)
        {
            throw new InvalidDataException(
                $"{source} has the format {format}; this version of MsVit reads up to {OnnxContents.Format}. Update MsVit.");
        }
        var card = ModelArchive.FromJson(json, source);
        return card.IsHeadless
            ? throw new InvalidDataException($"{source} is damaged or was modified: its network has no head. {OnnxFile.ExportAgain}")
            : card;
    }

    private Lazy<OnnxSession> SessionFor(int count) => _macs * count < WorthThreads ? _small : _large;

    private OnnxSession Open(int threads)
    {
        var input = Card.Input;
        int[] image = [input.Channels, input.Height, input.Width];
        return new(
            Bytes, _source, Card.InputColumnName, input.IsFrames ? [input.TimeSteps, .. image] : image, Card.Columns.Score,
            Card.Labels.Count, threads);
    }

    private void Free()
    {
        if (!Interlocked.Exchange(ref _freed, true))
        {
            foreach (var session in new[] { _small, _large }.Distinct().Where(session => session.IsValueCreated))
            {
                session.Value.Dispose();
            }
        }
    }
}
