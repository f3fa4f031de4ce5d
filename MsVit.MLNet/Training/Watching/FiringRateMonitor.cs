using TorchSharp;
using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>Counts the spikes of every neuron while a network runs on some samples.</summary>
/// <remarks>It sees the outputs of neurons, never the sums of residual connections.</remarks>
/// <param name="levels">The most spikes of a neuron in a time step, by the name of its layer; 1 for layers that it lacks.</param>
internal sealed class FiringRateMonitor(IReadOnlyDictionary<string, int>? levels = null) : IDisposable
{
    // The spikes of each neuron, and how often it could have fired.
    private readonly Dictionary<string, (Tensor Spikes, long Chances)> _layers = [];
    private int _samples;

    /// <summary>An observer of one forward pass.</summary>
    /// <param name="batch">The number of samples in the batch, B.</param>
    /// <param name="most">The largest number of samples to count, spread evenly over the batch.</param>
    public NetworkObserver Watch(int batch, int most)
    {
        var counted = Math.Min(batch, most);
        _samples += counted;
        var stride = batch / counted;
        return new NetworkObserver { Fired = (layer, spikes) => Count(layer, spikes.slice(1, 0, counted * stride, stride)) };
    }

    /// <summary>Adds what the other ranks have counted. A rank that has counted nothing itself knows nothing afterwards either.</summary>
    /// <param name="ranks">The ranks. At least one of them has counted.</param>
    /// <param name="device">The network's device.</param>
    public void Join(RankGroup ranks, Device device)
    {
        if (ranks.Size == 1)
        {
            return;
        }
        using var gradientFree = no_grad();
        using var scope = NewDisposeScope();
        Span<double> sizes = [_layers.Count, _layers.Values.Sum(layer => layer.Spikes.numel())];
        ranks.Max(sizes);
        var facts = new double[(int)sizes[0] + 1];
        _layers.Values.Select(layer => (double)layer.Chances).ToArray().CopyTo(facts, 0);
        facts[^1] = _samples;
        ranks.Sum(facts);
        var spikes = _layers.Count > 0
            ? cat([.. _layers.Values.Select(layer => layer.Spikes.reshape(-1))])
            : zeros([(long)sizes[1]], dtype: float32, device: device);
        ranks.Sum(spikes);
        _samples = (int)facts[^1];
        var from = 0L;
        foreach (var (index, (name, (own, _))) in _layers.ToArray().Index())
        {
            _ = own.copy_(spikes.narrow(0, from, own.numel()).view(own.shape));
            _layers[name] = (own, (long)facts[index]);
            from += own.numel();
        }
    }

    /// <summary>The activity so far.</summary>
    /// <exception cref="InvalidOperationException">No forward pass was observed.</exception>
    public NetworkActivity Activity() => _layers.Count > 0
        ? new(_samples, [.. _layers.Select(layer => Activity(
            layer.Key, layer.Value.Spikes, layer.Value.Chances, levels?.GetValueOrDefault(layer.Key, 1) ?? 1))])
        : throw new InvalidOperationException("No forward pass was observed, so there is no firing rate.");

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var (spikes, _) in _layers.Values)
        {
            spikes.Dispose();
        }
        _layers.Clear();
    }

    // Integers are exact in float32, up to 2^24 spikes of a neuron.
    private void Count(string layer, Tensor spikes)
    {
        using var gradientFree = no_grad();
        using var scope = NewDisposeScope();
        var counts = CountEach(spikes);
        var chances = spikes.shape[0] * spikes.shape[1];
        if (_layers.TryGetValue(layer, out var known))
        {
            known.Spikes.AddInPlace(counts);
            _layers[layer] = known with { Chances = known.Chances + chances };
        }
        else
        {
            _layers.Add(layer, (counts.DetachFromDisposeScope(), chances));
        }
    }

    // [T, B, ...] to counts [...]. A product with ones runs along memory order; torch's sum over the two outer axes took thirty times as
    // long when the channels were the innermost axis.
    private static Tensor CountEach(Tensor spikes)
    {
        var strides = spikes.stride();
        long[] order = [.. Enumerable.Range(2, (int)spikes.dim() - 2).OrderByDescending(axis => strides[axis]).Select(axis => (long)axis)];
        var inMemoryOrder = spikes.permute([0, 1, .. order]);
        var rows = inMemoryOrder.reshape(spikes.shape[0] * spikes.shape[1], -1).to(float32);     // [T*B, neurons]
        var counts = ones([1, rows.shape[0]], device: rows.device).matmul(rows);
        long[] back = [.. order.Index().OrderBy(item => item.Item).Select(item => (long)item.Index)];
        return counts.reshape(inMemoryOrder.shape[2..]).permute(back);
    }

    private static LayerActivity Activity(string name, Tensor spikes, long chances, int most)
    {
        using var scope = NewDisposeScope();
        using var all = (chances * most).ToScalar();
        var neurons = spikes.numel();
        var sum = spikes.sum(ScalarType.Float64);
        var (dead, saturated) = (spikes.eq(SharedScalars.Zero).sum(), spikes.eq(all).sum());
        return new(
            name, neurons, sum.Number() / neurons / chances, (double)dead.Count() / neurons, (double)saturated.Count() / neurons)
        {
            Levels = most,
        };
    }
}
