using static TorchSharp.torch;

namespace MsVit.MLNet.Analysis;

/// <summary>Runs a model on one sample and keeps what there is to see.</summary>
internal sealed class SampleInspector
{
    // Neurons of a layer that the raster shows.
    private const int Shown = 32;

    private const double GoldenSection = 0.6180339887498949;
    private const string Features = "features";

    private readonly Dictionary<string, (double[] Rates, bool[][] Raster, long Neurons)> _fired = [];
    private readonly Dictionary<string, float[]> _attention = [];
    private readonly List<(string Block, int Height, int Width)> _blocks = [];

    private SampleInspector()
    {
    }

    /// <summary>Looks at one sample.</summary>
    public static SampleInsight Inspect(MsVitModel model, ReadOnlySpan<byte> sample, SampleShape shape)
    {
        using var gradientFree = no_grad();
        using var scope = NewDisposeScope();
        var config = model.Network.Config;
        var steps = config.TimeSteps;
        using var network = AnalyzedNetwork.Of(model, steps);
        using var monitor = new SpikeMonitor(SynapticOperations.Of(config), steps, EnergyConstants.Float32);
        var inspector = new SampleInspector();
        Tensor? probabilities = null;
        var watch = monitor.Watch(1, new double[1, steps], features => probabilities = network.Probabilities(features).cpu().contiguous().DetachFromDisposeScope());
        network.Forward(model.Input(sample, shape, 1), inspector.Join(watch));
        using var seen = probabilities!.squeeze(1);                                     // [T, classes]
        probabilities.Dispose();
        var perStep = seen.contiguous().data<float>().ToArray().Chunk(config.Classes).ToArray();
        return new()
        {
            TimeSteps = steps,
            Probabilities = perStep[^1],
            ProbabilitiesPerStep = perStep,
            Layers = [.. inspector._fired.Select(layer => new LayerInsight(layer.Key, layer.Value.Neurons, layer.Value.Rates, layer.Value.Raster))],
            Attention = [.. inspector.Maps()],
            FiringRate = monitor.Activity().FiringRate,
            Energy = monitor.Energy(steps),
        };
    }

    private NetworkObserver Join(NetworkObserver watch) => new()
    {
        Convolving = watch.Convolving,
        Fired = (name, spikes) =>
        {
            watch.Fired!(name, spikes);
            Keep(name, spikes);
        },
        Produced = (name, output) =>
        {
            watch.Produced!(name, output);
            if (name != Features)
            {
                _blocks.Add((name, (int)output.shape[3], (int)output.shape[4]));
            }
        },
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
        bool[][] raster = [.. Enumerable.Range(0, shown).Select(i => Enumerable.Range(0, steps).Select(t => values[(t * shown) + i] > 0).ToArray())];
        _fired[name] = ([.. rates.Select(rate => (double)rate)], raster, neurons);
        if (name.EndsWith(".attn_lif", StringComparison.Ordinal))
        {
            _attention[name[..name.LastIndexOf("ssa.", StringComparison.Ordinal)].TrimEnd('t', '.')] =
                spikes.to(float32).flatten(0, -2).mean([0]).cpu().contiguous().data<float>().ToArray();        // [N]
        }
    }

    // By the golden section: even steps would fall on the same pixel of every channel.
    private static long[] Places(long neurons) => neurons <= Shown
        ? [.. Enumerable.Range(0, (int)neurons).Select(i => (long)i)]
        : [.. Enumerable.Range(1, Shown).Select(i => (long)(i * GoldenSection % 1 * neurons)).Distinct().Order()];

    // Of each stage the last block.
    private IEnumerable<AttentionMap> Maps() => _blocks.Where(block => _attention.ContainsKey(block.Block))
        .GroupBy(block => block.Block.Split('.')[0]).Select(stage => stage.Last())
        .Select(block => new AttentionMap(block.Block, block.Height, block.Width, _attention[block.Block]));
}
