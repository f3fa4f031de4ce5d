using MsVit.MLNet.Kernels;
using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>Travels through the network with the activations of one forward pass, since modules keep no state between passes.</summary>
internal sealed class ForwardContext
{
    private readonly NetworkObserver? _observer;
    private readonly Lazy<Dictionary<nn.Module, string>> _names = new([]);

    /// <summary>A pass that is not observed.</summary>
    public ForwardContext()
    {
    }

    /// <summary>A pass that is observed, or will be through <see cref="SeenBy"/>.</summary>
    /// <param name="network">The network whose layers report.</param>
    /// <param name="observer">Receives the reports, or null.</param>
    public ForwardContext(nn.Module network, NetworkObserver? observer) =>
        (_observer, _names) = (observer, new(() => network.named_modules().ToDictionary(item => item.module, item => item.name)));

    private ForwardContext(ForwardContext other, NetworkObserver observer) =>
        (_observer, _names, Pass, Precision, Folds, Norms, NormMemory, Depth, Recompute, Tracks) =
            (observer, other._names, other.Pass, other.Precision, other.Folds, other.Norms, other.NormMemory, other.Depth, other.Recompute,
                other.Tracks);

    /// <summary>The state that the kernels share. The default is a new pass with our own kernels.</summary>
    public Pass Pass { get; init; } = new();

    /// <summary>The type of spikes and currents. The default is float32.</summary>
    public Precision Precision { get; init; }

    /// <summary>The folded convolutions that replace convolutions and their batch norms; null (the default) for none.</summary>
    public IReadOnlyDictionary<nn.Module, FoldedConv>? Folds { get; init; }

    /// <summary>The folded batch norms that no convolution is in front of; null (the default) for none.</summary>
    public IReadOnlyDictionary<nn.Module, FoldedNorm>? Norms { get; init; }

    /// <summary>Where kernels store what they compute for batch norms; null (the default) for memory that each layer allocates.</summary>
    public NormMemory? NormMemory { get; init; }

    /// <summary>Drops branches of blocks in training; null (the default) drops none.</summary>
    public StochasticDepth? Depth { get; init; }

    /// <summary>
    /// Whether blocks save only their input and run again for their gradients. The default is false. See docs/performance.md.
    /// </summary>
    public bool Recompute { get; init; }

    /// <summary>
    /// Called in the backward pass when all gradients behind a layer are complete, with the number of the layer: 0 for the stem, then the
    /// blocks from 1. Null (the default) for nothing.
    /// </summary>
    public Action<int>? Reached { get; init; }

    /// <summary>Whether batch norms in training update their running statistics with the batch.</summary>
    public bool Tracks { get; private init; } = true;

    /// <summary>
    /// The same forward pass a second time: it is not observed, drops the same branches and leaves running statistics alone.
    /// </summary>
    public ForwardContext Again() => new() { Pass = Pass.Again(), Precision = Precision, Depth = Depth, Tracks = false };

    /// <summary>The same context, observed; for a context that was made with its network.</summary>
    public ForwardContext SeenBy(NetworkObserver observer) => new(this, observer);

    /// <summary>Converts the first spikes to the type in which all later spikes and currents are stored and convolved.</summary>
    /// <remarks>Pixels, membranes, sums of many spikes and features are stored in float32 or wider.</remarks>
    public Tensor Narrow(Tensor spikes) => Precision == Precision.Float32 || Pass.IsEager ? spikes : spikes.to(Precision.Type());

    /// <summary>Whether an observer wants the spikes of each layer.</summary>
    public bool WatchesSpikes => _observer?.Fired is not null;

    /// <summary>Runs a neuron layer: input currents [T, ...] to spikes [T, ...].</summary>
    public Tensor Fire(nn.Module<Tensor, Pass, Tensor> neuron, Tensor current) => Fired(neuron, neuron.call(current, Pass));

    /// <summary>Reports the spikes of a neuron layer and returns them.</summary>
    public Tensor Fired(nn.Module neuron, Tensor spikes)
    {
        _observer?.Fired?.Invoke(_names.Value[neuron], spikes);
        return spikes;
    }

    /// <summary>The folded convolution that replaces a convolution and its batch norm; null if they run themselves.</summary>
    public FoldedConv? FoldOf(nn.Module convolution) => Folds?.GetValueOrDefault(convolution);

    /// <summary>The fold of a batch norm that no convolution is in front of; null if it runs itself.</summary>
    public FoldedNorm? FoldOf(TorchSharp.Modules.BatchNorm norm) => Norms?.GetValueOrDefault(norm);

    /// <summary>Reports that an embedding, a branch of a block or the head begins.</summary>
    public void Begins(nn.Module part) => _observer?.Begins?.Invoke(_names.Value[part]);

    /// <summary>Whether an observer wants the input of each convolution.</summary>
    public bool WatchesInputs => _observer?.Convolving is not null;

    /// <summary>Reports the input of a convolution.</summary>
    public void Convolving(nn.Module convolution, Tensor input) => _observer?.Convolving?.Invoke(_names.Value[convolution], input);

    /// <summary>Reports the output of an embedding or a block and returns it.</summary>
    public Tensor Produced(nn.Module part, Tensor output)
    {
        _observer?.Produced?.Invoke(_names.Value[part], output);
        return output;
    }

    /// <summary>Reports an output that belongs to no module, under a given name, and returns it.</summary>
    public Tensor Produced(string name, Tensor output)
    {
        _observer?.Produced?.Invoke(name, output);
        return output;
    }
}
