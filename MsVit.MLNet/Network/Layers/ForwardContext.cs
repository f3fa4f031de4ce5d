using MsVit.MLNet.Kernels;
using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>Goes down the network with the activations of one forward pass; modules keep no state between passes.</summary>
internal sealed class ForwardContext
{
    private readonly NetworkObserver? _observer;
    private readonly Dictionary<nn.Module, string> _names = [];

    /// <summary>A pass that nobody observes.</summary>
    public ForwardContext()
    {
    }

    /// <summary>A pass that an observer sees, or will by <see cref="SeenBy"/>.</summary>
    /// <param name="network">The network whose layers report.</param>
    /// <param name="observer">Gets the reports, or null.</param>
    public ForwardContext(nn.Module network, NetworkObserver? observer) =>
        (_observer, _names) = (observer, network.named_modules().ToDictionary(item => item.module, item => item.name));

    private ForwardContext(ForwardContext other, NetworkObserver observer) =>
        (_observer, _names, Pass, Precision, Folds, Depth, Recompute, Tracks) =
            (observer, other._names, other.Pass, other.Precision, other.Folds, other.Depth, other.Recompute, other.Tracks);

    /// <summary>What the kernels are told and leave behind. The default is a new pass by our own kernels.</summary>
    public Pass Pass { get; init; } = new();

    /// <summary>The type of spikes and currents. The default is float32.</summary>
    public Precision Precision { get; init; }

    /// <summary>What runs in place of convolutions and their batch norms; null, the default, for none.</summary>
    public IReadOnlyDictionary<nn.Module, FoldedConv>? Folds { get; init; }

    /// <summary>What leaves branches of blocks out in training; null, the default, for nothing.</summary>
    public StochasticDepth? Depth { get; init; }

    /// <summary>Whether blocks keep only their input and run again for their gradients. The default is false. See
    /// docs/performance.md.</summary>
    public bool Recompute { get; init; }

    /// <summary>Whether batch norms in training add the batch to their running statistics.</summary>
    public bool Tracks { get; private init; } = true;

    /// <summary>The same forward pass a second time: not observed, without a change of statistics, with the same branches left
    /// out.</summary>
    public ForwardContext Again() => new() { Pass = Pass.Again(), Precision = Precision, Depth = Depth, Tracks = false };

    /// <summary>The same, observed; for a context that was made with its network.</summary>
    public ForwardContext SeenBy(NetworkObserver observer) => new(this, observer);

    /// <summary>The first spikes in the type in which all further ones and their currents are stored and convolved.</summary>
    /// <remarks>Pixels, membranes, sums of many spikes and features are not stored in less than float32.</remarks>
    public Tensor Narrow(Tensor spikes) => Precision == Precision.Float32 || Pass.IsEager ? spikes : spikes.to(Precision.Type());

    /// <summary>Whether an observer wants the spikes of each layer.</summary>
    public bool WatchesSpikes => _observer?.Fired is not null;

    /// <summary>Runs a neuron layer: input currents [T, ...] to spikes [T, ...].</summary>
    public Tensor Fire(nn.Module<Tensor, Pass, Tensor> neuron, Tensor current) => Fired(neuron, neuron.call(current, Pass));

    /// <summary>Reports the spikes of a neuron layer, and returns them.</summary>
    public Tensor Fired(nn.Module neuron, Tensor spikes)
    {
        _observer?.Fired?.Invoke(_names[neuron], spikes);
        return spikes;
    }

    /// <summary>What runs in place of a convolution and its batch norm; null where they run themselves.</summary>
    public FoldedConv? FoldOf(nn.Module convolution) => Folds?.GetValueOrDefault(convolution);

    /// <summary>Reports the input of a convolution.</summary>
    public void Convolving(nn.Module convolution, Tensor input) => _observer?.Convolving?.Invoke(_names[convolution], input);

    /// <summary>Reports the output of an embedding or a block, and returns it.</summary>
    public Tensor Produced(nn.Module part, Tensor output)
    {
        _observer?.Produced?.Invoke(_names[part], output);
        return output;
    }

    /// <summary>Reports an output under a name that is no module's, and returns it.</summary>
    public Tensor Produced(string name, Tensor output)
    {
        _observer?.Produced?.Invoke(name, output);
        return output;
    }
}
