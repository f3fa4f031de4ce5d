using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>Goes down the network with the activations of one forward pass; modules keep no state between passes.</summary>
internal sealed class ForwardContext
{
    private readonly NetworkObserver? _observer;
    private readonly IReadOnlyDictionary<nn.Module, FoldedConv>? _folds;
    private readonly Dictionary<nn.Module, string> _names = [];
    private readonly Precision _precision;

    private ForwardContext(Precision precision, StochasticDepth? depth = null) => (_precision, Depth) = (precision, depth);

    /// <param name="network">Whose layers report.</param>
    /// <param name="observer">Who looks on, or null.</param>
    /// <param name="folds">What runs in place of convolutions and their batch norms, or null.</param>
    /// <param name="precision">Of spikes and currents. The default is float32.</param>
    /// <param name="depth">What leaves branches out, for training; null (the default) for nothing.</param>
    public ForwardContext(
        nn.Module network, NetworkObserver? observer, IReadOnlyDictionary<nn.Module, FoldedConv>? folds = null,
        Precision precision = Precision.Float32, StochasticDepth? depth = null)
    {
        (_observer, _folds, _precision, Depth) = (observer, folds, precision, depth);
        foreach (var (name, module) in network.named_modules())
        {
            _names.Add(module, name);
        }
    }

    private ForwardContext(ForwardContext other, NetworkObserver observer) =>
        (_observer, _folds, _names, _precision, Depth, Recompute, Tracks) =
            (observer, other._folds, other._names, other._precision, other.Depth, other.Recompute, other.Tracks);

    /// <summary>A pass that nobody looks at.</summary>
    public static ForwardContext Unobserved { get; } = new(Precision.Float32);

    /// <summary>A pass that nobody looks at.</summary>
    /// <param name="precision">Of spikes and currents.</param>
    /// <param name="depth">What leaves branches out, for training; null (the default) for nothing.</param>
    /// <param name="recompute">Whether blocks keep their input alone and run again for their gradients. The default is that they do not.</param>
    public static ForwardContext In(Precision precision, StochasticDepth? depth = null, bool recompute = false) => new(precision, depth) { Recompute = recompute };

    /// <summary>What leaves branches of blocks out; null for nothing.</summary>
    public StochasticDepth? Depth { get; }

    /// <summary>Whether blocks keep their input alone and run again for their gradients: for many blocks of like size; see docs/performance.md.</summary>
    public bool Recompute { get; init; }

    /// <summary>Whether batch norms in training take the batch into their running statistics.</summary>
    public bool Tracks { get; private init; } = true;

    /// <summary>The same pass once more: nobody sees it, no statistics change, and the same branches are left out.</summary>
    public ForwardContext Again() => new(_precision, Depth) { Tracks = false };

    /// <summary>The same, while somebody looks on; for a context that was made with its network.</summary>
    public ForwardContext SeenBy(NetworkObserver observer) => new(this, observer);

    /// <summary>The first spikes in the type in which all further ones and their currents are stored and convolved.</summary>
    /// <remarks>Pixels, membranes, sums of many spikes and features are not stored in less than float32.</remarks>
    public Tensor Narrow(Tensor spikes) => _precision == Precision.Float32 || EagerScope.IsOpen ? spikes : spikes.to(_precision.Type());

    /// <summary>Whether somebody wants to see the spikes of each layer.</summary>
    public bool WatchesSpikes => _observer?.Fired is not null;

    /// <summary>Runs a neuron layer: input currents [T, ...] to spikes [T, ...].</summary>
    public Tensor Fire(nn.Module<Tensor, Tensor> neuron, Tensor current) => Fired(neuron, neuron.call(current));

    /// <summary>Reports the spikes of a neuron layer, and returns them.</summary>
    public Tensor Fired(nn.Module neuron, Tensor spikes)
    {
        _observer?.Fired?.Invoke(_names[neuron], spikes);
        return spikes;
    }

    /// <summary>What runs in place of a convolution and its batch norm; null where they run themselves.</summary>
    public FoldedConv? FoldOf(nn.Module convolution) => EagerScope.IsOpen ? null : _folds?.GetValueOrDefault(convolution);

    /// <summary>Reports the input of a convolution.</summary>
    public void Convolving(nn.Module convolution, Tensor input) => _observer?.Convolving?.Invoke(_names[convolution], input);

    /// <summary>Reports the output of an embedding or a block, and returns it.</summary>
    public Tensor Produced(nn.Module part, Tensor output)
    {
        _observer?.Produced?.Invoke(_names[part], output);
        return output;
    }

    /// <summary>Reports an output that has a name of its own, and returns it.</summary>
    public Tensor Produced(string name, Tensor output)
    {
        _observer?.Produced?.Invoke(name, output);
        return output;
    }
}
