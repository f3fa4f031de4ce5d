namespace MsVit.MLNet.Analysis;

/// <summary>What the layers of a network do with one sample, from their values, whatever computed them.</summary>
internal sealed class SampleActivity
{
    // How many neurons of a layer the raster shows.
    private const int Shown = 32;

    private const double GoldenSection = 0.6180339887498949;

    private readonly SynapticOperations _operations;
    private readonly Dictionary<string, PlannedLayer> _layers;
    private readonly HashSet<string> _drivers;
    private readonly Dictionary<string, InputStatistics> _inputs = [];
    private readonly Dictionary<string, (LayerInsight Insight, double Spikes)> _fired = [];
    private readonly Dictionary<string, AttentionMap> _attention = [];
    private readonly PlannedLayer[] _attending;
    private readonly int _steps;

    /// <param name="config">The network.</param>
    public SampleActivity(MsVitConfig config)
    {
        var plan = NetworkPlan.Of(config);
        (_operations, _steps) = (SynapticOperations.Of(config), config.TimeSteps);
        _layers = plan.Layers.Where(layer => layer.Neurons is not null).ToDictionary(layer => layer.Neurons!);
        _drivers = [.. _operations.Layers.Select(layer => layer.Driver)];
        // The attention of the last block of each stage.
        _attending =
        [
            .. _layers.Values.Where(layer => layer.Part == LayerPart.Attention).GroupBy(layer => layer.Stage).Select(stage => stage.Last()),
        ];
    }

    /// <summary>Whether anything is computed from the values under a name.</summary>
    public bool Knows(string name) => _drivers.Contains(name) || _layers.ContainsKey(name);

    /// <summary>Records the values of the sample under a name of <see cref="NetworkObserver"/>.</summary>
    /// <param name="name">A convolution, whose inputs they are; a layer of neurons, which fired them; or the features.</param>
    /// <param name="values">[T, ...]; [C, H, W] for a still image that is convolved once.</param>
    public void Observe(string name, ReadOnlySpan<float> values)
    {
        if (_drivers.Contains(name))
        {
            var steps = _operations.Layers.First(layer => layer.Driver == name) is { RunsOnce: true, Kind: OperationKind.Convolution }
                ? 1
                : _steps;
            var statistics = _inputs[name] = new(steps);
            statistics.Add(values);
        }
        if (_layers.TryGetValue(name, out var fired))
        {
            Fire(fired, values);
        }
    }

    /// <summary>What was observed.</summary>
    /// <param name="probabilities">[T, classes]: after 1, 2, ..., T time steps.</param>
    public SampleInsight Insight(float[] probabilities)
    {
        var perStep = probabilities.Chunk(_operations.Network.Classes).ToArray();
        LayerInsight[] layers = [.. _layers.Keys.Where(_fired.ContainsKey).Select(name => _fired[name].Insight)];
        return new()
        {
            TimeSteps = _steps,
            Probabilities = perStep[^1],
            ProbabilitiesPerStep = perStep,
            Layers = layers,
            Attention = [.. _attending.Select(layer => _attention[layer.Neurons!])],
            FiringRate = _fired.Values.Sum(layer => layer.Spikes) / layers.Sum(layer => layer.Neurons) / _steps,
            Energy = EnergyReport.Of(_operations, _steps, samples: 1, EnergyConstants.Float32, _inputs),
        };
    }

    private void Fire(PlannedLayer layer, ReadOnlySpan<float> spikes)
    {
        var neurons = spikes.Length / _steps;
        var (sums, raster) = (new float[_steps], Places(neurons).Select(place => (Place: place, Spikes: new int[_steps])).ToArray());
        for (var t = 0; t < _steps; t++)
        {
            var step = spikes.Slice(t * neurons, neurons);
            sums[t] = Sum(step);
            foreach (var (place, counts) in raster)
            {
                counts[t] = (int)step[place];
            }
        }
        var rates = sums.Select(sum => (double)(sum / neurons)).ToArray();
        _fired[layer.Neurons!] = (
            new(layer.Neurons!, neurons, rates, [.. raster.Select(shown => shown.Spikes)]) { Levels = layer.Levels },
            sums.Sum(sum => (double)sum));
        if (_attending.Contains(layer))
        {
            _attention[layer.Neurons!] = new(layer.Block!, layer.Output.Height, layer.Output.Width, Map(layer, spikes));
        }
    }

    // Whole numbers, which float32 adds up exactly to 2^24.
    private static float Sum(ReadOnlySpan<float> spikes)
    {
        var sum = 0f;
        foreach (var count in spikes)
        {
            sum += count;
        }
        return sum;
    }

    // [T, heads or C, N] to [N].
    private static float[] Map(PlannedLayer layer, ReadOnlySpan<float> spikes)
    {
        var map = new float[layer.Output.Tokens];
        for (var i = 0; i < spikes.Length; i++)
        {
            map[i % map.Length] += spikes[i];
        }
        var each = spikes.Length / map.Length;
        return [.. map.Select(sum => sum / each / layer.Levels)];
    }

    // Spread by the golden section: even steps would hit the same pixel of every channel.
    private static int[] Places(int neurons) => neurons <= Shown
        ? [.. Enumerable.Range(0, neurons)]
        : [.. Enumerable.Range(1, Shown).Select(i => (int)(i * GoldenSection % 1 * neurons)).Distinct().Order()];
}
