using static TorchSharp.torch;

namespace MsVit.MLNet.Training;

/// <summary>The running statistics of a network's batch norms as they were before a step, to go back to if it is left out.</summary>
/// <remarks>A forward pass changes them before anybody sees that its loss is not finite.</remarks>
internal sealed class NormStatistics : IDisposable
{
    private readonly (Tensor Current, Tensor Saved)[] _pairs;

    public NormStatistics(nn.Module network)
    {
        using var gradientFree = no_grad();
        _pairs = [.. network.buffers().Select(buffer => (buffer, buffer.clone().DetachFromDisposeScope()))];
    }

    /// <summary>Takes the present statistics.</summary>
    public void Update() => Copy(static pair => pair.Saved.copy_(pair.Current));

    /// <summary>Puts the statistics back.</summary>
    public void Restore() => Copy(static pair => pair.Current.copy_(pair.Saved));

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var (_, saved) in _pairs)
        {
            saved.Dispose();
        }
    }

    private void Copy(Func<(Tensor Current, Tensor Saved), Tensor> copy)
    {
        using var gradientFree = no_grad();
        foreach (var pair in _pairs)
        {
            _ = copy(pair);
        }
    }
}
