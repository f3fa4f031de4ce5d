using static TorchSharp.torch;

namespace MsVit.MLNet.Analysis;

/// <summary>Runs a model on one sample and records what its layers do.</summary>
internal sealed class SampleInspector
{
    // How many neurons of a layer the raster shows.
    private const int Shown = 32;

    private const double GoldenSection = 0.6180339887498949;

    private readonly Dictionary<string, (double[] Rates, int[][] Raster, long Neurons)> _fired = [];
    private readonly Dictionary<string, float[]> _attention = [];
    private readonly PlannedLayer[] _attending;
    private readonly IReadOnlyDictionary<string, int> _levels;

    // The attention of the last block of each stage.
    private SampleInspector(NetworkPlan plan)
    {
        _levels = plan.LevelsByNeurons;
        _attending =
        [
            .. plan.Layers.Where(layer => layer is { Part: LayerPart.Attention, Neurons: not null })
                .GroupBy(layer => layer.Stage).Select(stage => stage.Last()),
        ];
    }

    /// <summary>Inspects one sample.</summary>
    public static SampleInsight Inspect(MsVitModel model, ReadOnlySpan<byte> sample, SampleShape shape)
    {
        using var gradientFree = no_grad();
        using var scope = NewDisposeScope();
        var config = model.Network.Config;
        var steps = config.TimeSteps;
        using var network = AnalyzedNetwork.Of(model, steps);
        using var monitor = new SpikeMonitor(SynapticOperations.Of(config), steps, EnergyConstants.Float32);
        var inspector = new SampleInspector(NetworkPlan.Of(config));
        Tensor? probabilities = null;
        var watch = monitor.Watch(
            1, new double[1, steps],
            features => probabilities = network.Probabilities(features).cpu().contiguous().DetachFromDisposeScope());
        network.Forward(model.Input(sample, shape, 1), inspector.Join(watch));
        using var seen = probabilities!.squeeze(1);                                     // [T, classes]
        probabilities.Dispose();
        var perStep = seen.contiguous().data<float>().ToArray().Chunk(config.Classes).ToArray();
        return new()
        {
            TimeSteps = steps,
            Probabilities = perStep[^1],
            ProbabilitiesPerStep = perStep,
            Layers = [.. inspector._fired.Select(layer => inspector.Layer(layer.Key, layer.Value))],
            Attention = [.. inspector.Maps()],
            FiringRate = monitor.Activity().FiringRate,
            Energy = monitor.Energy(steps),
        };
    }

    private LayerInsight Layer(string name, (double[] Rates, int[][] Raster, long Neurons) fired) =>
        new(name, fired.Neurons, fired.Rates, fired.Raster) { Levels = _levels[name] };

    private NetworkObserver Join(NetworkObserver watch) => new()
    {
        Convolving = watch.Convolving,
        Fired = (name, spikes) =>
        {
            watch.Fired!(name, spikes);
            Keep(name, spikes);
        },
        Produced = watch.Produced,
    };

    private void Keep(string name, Tensor spikes)
    {
        using var scope = NewDisposeScope();
        var flat = spikes.to(float32).flatten(1);                                       // [T, neurons]
        var (steps, neurons) = ((int)flat.shape[0], flat.shape[1]);
        var rates = flat.mean([1]).cpu().data<float>().ToArray();
        var chosen = Places(neurons);
        var shown = chosen.Length;
        var places = tensor(chosen, device: flat.device);
        var values = flat.index_select(1, places).cpu().contiguous().data<float>().ToArray();
        int[][] raster =
            [.. Enumerable.Range(0, shown).Select(i => Enumerable.Range(0, steps).Select(t => (int)values[(t * shown) + i]).ToArray())];
        _fired[name] = ([.. rates.Select(rate => (double)rate)], raster, neurons);
        if (_attending.Any(layer => layer.Neurons == name))
        {
            _attention[name] = [.. spikes.to(float32).flatten(0, -2).mean([0]).cpu().contiguous().data<float>()
                .Select(spikesPerStep => spikesPerStep / _levels[name])];                // [N]
        }
    }

    // Spread by the golden section: even steps would hit the same pixel of every channel.
    private static long[] Places(long neurons) => neurons <= Shown
        ? [.. Enumerable.Range(0, (int)neurons).Select(i => (long)i)]
        : [.. Enumerable.Range(1, Shown).Select(i => (long)(i * GoldenSection % 1 * neurons)).Distinct().Order()];

    private IEnumerable<AttentionMap> Maps() => _attending.Select(layer =>
        new AttentionMap(layer.Block!, layer.Output.Height, layer.Output.Width, _attention[layer.Neurons!]));
}
