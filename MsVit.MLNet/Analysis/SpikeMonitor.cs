using static TorchSharp.torch;

namespace MsVit.MLNet.Analysis;

/// <summary>Observes a network while it runs: the inputs of each layer, the spikes of each neuron, the energy of each sample.</summary>
/// <remarks>It keeps only sums, so its memory does not grow with the samples.</remarks>
internal sealed class SpikeMonitor : IDisposable
{
    private readonly SynapticOperations _operations;
    private readonly EnergyConstants _constants;
    private readonly int _ownSteps, _steps;
    private readonly FiringRateMonitor _neurons;
    private readonly Dictionary<string, InputStatistics> _inputs = [];
    private readonly Dictionary<string, double[]> _spikes = [];
    private readonly ILookup<string, LayerOperations> _driven;
    private int _samples;

    /// <param name="operations">The operations of the network as it was trained.</param>
    /// <param name="steps">Time steps of the observed network, at least those of the trained one.</param>
    /// <param name="constants">What an operation costs.</param>
    public SpikeMonitor(SynapticOperations operations, int steps, EnergyConstants constants)
    {
        (_operations, _steps, _constants, _ownSteps) = (operations, steps, constants, Math.Min(steps, operations.Network.TimeSteps));
        _neurons = new(NetworkPlan.Of(operations.Network).LevelsByNeurons);
        _driven = operations.Layers.ToLookup(layer => layer.Driver);
    }

    /// <summary>An observer of one forward pass.</summary>
    /// <param name="batch">B.</param>
    /// <param name="picojoules">[B, T]: the energy of each sample at each time step is added here.</param>
    /// <param name="features">Receives the features [T, B, C].</param>
    public NetworkObserver Watch(int batch, double[,] picojoules, Action<Tensor> features)
    {
        _samples += batch;
        var neurons = _neurons.Watch(batch, batch).Fired!;
        return new()
        {
            Convolving = (name, input) => Observe(name, input, picojoules),
            Fired = (name, spikes) =>
            {
                using var own = spikes.slice(0, 0, _ownSteps, 1);
                neurons(name, own);
                CountSpikes(name, spikes);
                Observe(name, spikes, picojoules);
            },
            Produced = (name, output) =>
            {
                if (_driven.Contains(name))
                {
                    Observe(name, output, picojoules);
                    features(output);
                }
            },
        };
    }

    /// <summary>How the neurons fired at the time steps of the trained network.</summary>
    public NetworkActivity Activity() => _neurons.Activity();

    /// <summary>Spikes per neuron at each observed time step, by the name of the layer.</summary>
    public IReadOnlyList<double> Rates(string layer, long neurons) => [.. _spikes[layer].Select(spikes => spikes / neurons / _samples)];

    /// <summary>The energy of the first time steps.</summary>
    public EnergyReport Energy(int timeSteps) => EnergyReport.Of(_operations, timeSteps, _samples, _constants, _inputs);

    /// <inheritdoc/>
    public void Dispose() => _neurons.Dispose();

    private void CountSpikes(string name, Tensor spikes)
    {
        using var scope = NewDisposeScope();
        var sums = spikes.flatten(1).sum(1, type: ScalarType.Float64).cpu().data<double>().ToArray();
        var known = _spikes.TryGetValue(name, out var counts) ? counts : _spikes[name] = new double[_steps];
        for (var t = 0; t < _steps; t++)
        {
            known[t] += sums[t];
        }
    }

    private void Observe(string name, Tensor input, double[,] picojoules)
    {
        if (!_driven.Contains(name))
        {
            return;
        }
        using var gradientFree = no_grad();
        using var scope = NewDisposeScope();
        var samples = picojoules.GetLength(0);
        // [steps, B, values]. A still image arrives as [B, C, H, W]; the features are used once, as a mean.
        var isStill = _driven[name].First() is { RunsOnce: true, Kind: OperationKind.Convolution };
        var x = (isStill ? input.unsqueeze(0) : input).flatten(2);
        var (steps, values) = ((int)x.shape[0], x.shape[2]);
        var zero = x.ne(SharedScalars.Zero).sum(2).to(ScalarType.Float64);                              // [steps, B]
        var sums = stack(
        [
            zero.sum(1),
            x.flatten(1).sum(1, type: ScalarType.Float64),
            x.eq(SharedScalars.One).flatten(1).sum(1).to(ScalarType.Float64),
            x.eq(x.round()).flatten(1).sum(1).to(ScalarType.Float64),
            x.flatten(1).amax([1]).to(ScalarType.Float64),
        ]).cpu().contiguous().data<double>().ToArray();
        var statistics = _inputs.TryGetValue(name, out var known) ? known : _inputs[name] = new(steps);
        for (var t = 0; t < steps; t++)
        {
            statistics.Add(t, (sums[t], sums[steps + t], sums[(2 * steps) + t], sums[(3 * steps) + t], sums[(4 * steps) + t]));
        }
        statistics.AddValues(values * samples);
        Charge(_driven[name], zero.cpu().contiguous().data<double>().ToArray(), values, picojoules);
    }

    // What runs once is charged at the first step: an early exit has paid for it too.
    private void Charge(IEnumerable<LayerOperations> layers, double[] nonZero, long values, double[,] picojoules)
    {
        var samples = picojoules.GetLength(0);
        foreach (var layer in layers)
        {
            for (var t = 0; t < SynapticOperations.Runs(layer, _steps); t++)
            {
                for (var b = 0; b < samples; b++)
                {
                    picojoules[b, t] += layer.TakesSpikes
                        ? _constants.Accumulate * layer.Macs * nonZero[(t * samples) + b] / values
                        : _constants.Mac * layer.Macs;
                }
            }
        }
    }
}
