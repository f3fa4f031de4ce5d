using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>A copy of a network's parameters and buffers that can be restored.</summary>
internal sealed class WeightSnapshot : IDisposable
{
    private readonly nn.Module _network;
    private readonly Dictionary<string, Tensor> _saved = [];

    public WeightSnapshot(nn.Module network)
    {
        _network = network;
        using var gradientFree = no_grad();
        foreach (var (name, value) in network.state_dict())
        {
            using var detached = value.detach();
            _saved[name] = detached.clone().DetachFromDisposeScope();
        }
    }

    /// <summary>The saved weights and statistics by name. The snapshot owns them.</summary>
    public IReadOnlyDictionary<string, Tensor> Weights => _saved;

    /// <summary>Loads weights that were saved before.</summary>
    /// <exception cref="ArgumentException">The weights belong to another network; the message lists the differences.</exception>
    public void Load(IReadOnlyDictionary<string, Tensor> weights) => StoredTensors.Restore(_saved, weights, "");

    /// <summary>Replaces the copy by the network's present weights.</summary>
    public void Update() => Copy((saved, current) => saved.copy_(current));

    /// <summary>Copies the saved weights back into the network.</summary>
    public void Restore() => Copy((saved, current) => current.copy_(saved));

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var saved in _saved.Values)
        {
            saved.Dispose();
        }
        _saved.Clear();
    }

    private void Copy(Func<Tensor, Tensor, Tensor> copy)
    {
        using var gradientFree = no_grad();
        using var scope = NewDisposeScope();
        foreach (var (name, current) in _network.state_dict())
        {
            copy(_saved[name], current);
        }
    }
}
