using MsVit.MLNet.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>A trained model: a network in evaluation mode, and how to feed it and to read its output.</summary>
/// <remarks>Thread-safe: scoring does not change the model. ONNX Runtime may compute the scores, if the card says so.</remarks>
internal sealed class MsVitModel : IScorer
{
    private readonly PixelNormalization _normalization;
    private readonly FoldedNetwork _folded;
    private readonly Backend _backend;
    private readonly MsVitNetwork _network;
    private OnnxModel? _engine;
    private bool _disposed;
    private readonly long _macs;

    /// <summary>Takes ownership of the network.</summary>
    public MsVitModel(MsVitNetwork network, ModelCard card, Device device, Backend backend = Backend.Fused)
    {
        _backend = backend;
        _network = network;
        _macs = NetworkPlan.Of(network.Config).ConvolutionMacs;
        Card = card;
        Undecodable = card.Undecodable;
        Device = device;
        _normalization = new(card.Input.Mean, card.Input.Deviation, card.Input.PixelRange);
        network.eval();
        _folded = network.Folded(card.Precision.WhereFast(device), new(backend, new DistinctNotices(line => Warn(line)).Say));
    }

    /// <summary>The network in evaluation mode, as it is saved. Scoring uses its folded form.</summary>
    /// <exception cref="ObjectDisposedException">The model was disposed.</exception>
    public MsVitNetwork Network
    {
        get
        {
            ThrowIfDisposed();
            return _network;
        }
    }

    /// <inheritdoc/>
    public ModelCard Card { get; }

    /// <inheritdoc/>
    public UndecodableImagePolicy Undecodable { get; set; }

    /// <summary>Whether ONNX Runtime computes the scores.</summary>
    public bool ScoresInOnnxRuntime => _engine is not null;

    /// <summary>The device of the network.</summary>
    public Device Device { get; }

    /// <summary>Receives one line if scoring is slower than it could be; each line once.</summary>
    public Action<string> Warn { get; set; } = static _ => { };

    /// <inheritdoc/>
    public float[] Score(ReadOnlySpan<byte> samples, SampleShape shape, int count)
    {
        ThrowIfDisposed();
        if (_engine is { } engine)
        {
            return engine.Score(samples, shape, count);
        }
        using var threads = TorchThreads.LimitTo(_macs * count < IScorer.WorthThreads ? 1 : int.MaxValue);
        using var gradientFree = no_grad();
        using var scope = NewDisposeScope();
        var input = Input(samples, shape, count);
        var probabilities = _folded.Forward(input).softmax(1).cpu().contiguous();
        return probabilities.data<float>().ToArray();
    }

    /// <summary>Chooses what computes the scores, as the card says; until then it is torch.</summary>
    /// <param name="say">Receives one line that says which it is, unless torch was asked for.</param>
    /// <inheritdoc cref="EngineChoice.For"/>
    public void ChooseEngine(Action<string> say) => _engine ??= EngineChoice.For(this, say);

    /// <inheritdoc/>
    public void LimitThreads(int most) => _engine?.LimitThreads(most);

    /// <summary>Makes the network's input: images [B, C, H, W], normalized, or frames [T, B, C, H, W]. The caller disposes it.</summary>
    /// <inheritdoc cref="Score"/>
    public Tensor Input(ReadOnlySpan<byte> samples, SampleShape shape, int count) => shape.IsFrames
        ? FrameTensor.Make(samples, count, shape, Device)
        : _normalization.Apply(samples, count, shape.Height, shape.Width, shape.IsFloat, Device);

    /// <summary>Moves the model to a device: returns itself if it is already there, else a new model that takes over the network.</summary>
    public MsVitModel MoveTo(Device device)
    {
        if (device.type == Device.type && device.index == Device.index)
        {
            return this;
        }
        ThrowIfDisposed();
        _disposed = true;
        _folded.Dispose();
        _ = _network.to(device);
        var keepsEngine = Card.Engine == ScoringEngine.OnnxRuntime || device.type == DeviceType.CPU;
        if (!keepsEngine)
        {
            _engine?.Dispose();
        }
        return new(_network, Card, device, _backend) { Warn = Warn, _engine = keepsEngine ? _engine : null };
    }

    /// <summary>Says who may have disposed the model, in place of torch's error about an empty handle.</summary>
    /// <exception cref="ObjectDisposedException">The model was disposed.</exception>
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
        if (!Interlocked.Exchange(ref _disposed, true))
        {
            _engine?.Dispose();
            _folded.Dispose();
            _network.Dispose();
        }
    }
}
