using static TorchSharp.torch;

namespace MsVit.MLNet.Training;

/// <summary>A copy of a network's parameters and buffers, taken to go back to.</summary>
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

    /// <summary>Takes the network's present weights instead.</summary>
    public void Update() => Copy((saved, current) => saved.copy_(current));

    /// <summary>Puts the saved weights back into the network.</summary>
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
