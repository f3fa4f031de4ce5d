using System.Globalization;

namespace MsVit.MLNet;

/// <summary>A model of <see cref="MsVitTransformer.SaveAsOnnx"/>, which ONNX Runtime computes; torch is not needed.</summary>
internal sealed class OnnxModel : IScorer
{
    private readonly Lazy<OnnxSession> _small, _large;
    private readonly OnnxObservation? _observation;
    private readonly string _source;
    private readonly long _macs;
    private int _calls, _threads = Environment.ProcessorCount;
    private bool _disposed, _freed;

    /// <summary>Loads a model.</summary>
    /// <param name="bytes">The file.</param>
    /// <param name="source">What messages call it.</param>
    /// <param name="batch">The largest batch that will be scored right after; 1 if unknown.</param>
    /// <exception cref="InvalidDataException">It is damaged, or was not written by this library; the message says what to do.</exception>
    /// <exception cref="DllNotFoundException">The application lacks ONNX Runtime's native library.</exception>
    public OnnxModel(byte[] bytes, string source, int batch = 1)
    {
        (Bytes, _source) = (bytes, source);
        // Its native library loads while the card is read. If it cannot be loaded, the session says so.
        _ = Task.Run(() => OnnxSession.RequireNative(source));
        var metadata = OnnxFile.ReadMetadata(bytes, source);
        CheckSelfContained(bytes, source);
        Card = ReadCard(metadata, source);
        Frames = metadata.GetValueOrDefault(OnnxContents.FramesKey);
        Undecodable = Card.Undecodable;
        _observation = metadata.TryGetValue(OnnxFile.InsightKey, out var layers)
            ? OnnxObservation.Read(layers, Card.Network, source)
            : null;
        _macs = NetworkPlan.Of(Card.Network).ConvolutionMacs;
        _small = new(() => Open(threads: 1));
        _large = new(() => Open(_threads));
        // A damaged graph is an error now. Opening a session takes one core, so the two open at the same time.
        var large = Task.Run(() => SessionFor(batch).Value);
        try
        {
            var session = SessionFor(1).Value;
            if (_observation?.Outputs.Select(session.OutputFault).FirstOrDefault(fault => fault is not null) is { } fault)
            {
                throw OnnxObservation.Damaged(source, fault);
            }
            large.GetAwaiter().GetResult();
        }
        catch
        {
            Task.WaitAny(large);
            Free();
            throw;
        }
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
        Enter();
        try
        {
            return SessionFor(count).Value.Score(samples, shape.IsFloat, count);
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>Limits the threads of large batches, before the first of them is scored. By default, all cores compute them.</summary>
    public void LimitThreads(int most) => _threads = Math.Min(most, _threads);

    /// <summary>Whether <see cref="Observe"/> works.</summary>
    public bool HasInsight => _observation is not null;

    /// <summary>What the layers do on one sample, under the names of <see cref="NetworkObserver"/>.</summary>
    /// <param name="sample">[C, H, W], or frames [T, C, H, W], as bytes or floats.</param>
    /// <param name="shape">Its shape.</param>
    /// <param name="see">
    /// Receives the input of each convolution, the spikes of each neuron layer, the features, [T, ...] each but the pixels, and
    /// <see cref="OnnxFile.StepsName"/> [T, classes]. The values are valid only during the call.
    /// </param>
    /// <exception cref="NotSupportedException">The file was exported without them.</exception>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    public void Observe(ReadOnlySpan<byte> sample, SampleShape shape, Action<string, ReadOnlySpan<float>> see)
    {
        var observation = _observation ?? throw HasNoInsight();
        Enter();
        try
        {
            SessionFor(1).Value.Observe(
                sample, shape.IsFloat, observation.Outputs, (output, values) => observation.See(output, values, see));
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>Says how an ONNX model can show what happens inside the network.</summary>
    public NotSupportedException HasNoInsight() => new(
        $"{_source} is an ONNX model that only predicts, because it was exported without insight. Export it again with "
        + "OnnxExportOptions.Insight, or with msvit export --insight.");

    /// <summary>Says why a model without a torch network cannot do what only such a network can.</summary>
    public NotSupportedException OnlyPredicts() => new(
        $"{_source} is an ONNX model, which only predicts. Training, analysis, weights and other exports need the model that it was "
        + "exported from.");

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

    // Native memory must not be freed under a running call.
    private void Enter()
    {
        Interlocked.Increment(ref _calls);
        if (Volatile.Read(ref _disposed))
        {
            Leave();
            throw IScorer.Disposed();
        }
    }

    private void Leave()
    {
        if (Interlocked.Decrement(ref _calls) == 0 && Volatile.Read(ref _disposed))
        {
            Free();
        }
    }

    private static void CheckSelfContained(byte[] bytes, string source)
    {
        try
        {
            if (!OnnxExternalData.IsIn(bytes))
            {
                return;
            }
        }
        catch (InvalidDataException e)
        {
            throw OnnxObservation.Damaged(source, e.Message, e);
        }
        throw OnnxObservation.Damaged(source, "some of its weights are in another file, but MsVit writes all of them into the model.");
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

    private Lazy<OnnxSession> SessionFor(int count) => _macs * count < IScorer.WorthThreads || _threads == 1 ? _small : _large;

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
            foreach (var session in new[] { _small, _large }.Where(session => session.IsValueCreated))
            {
                session.Value.Dispose();
            }
        }
    }
}
