using MsVit.MLNet.Network;
using MsVit.MLNet.Network.Neurons;
using static TorchSharp.torch;

namespace MsVit.MLNet.Interop.Onnx;

/// <summary>Layers of neurons, step by step: the equations of <see cref="EagerLif"/> and <see cref="GlifNeuron"/>.</summary>
/// <param name="graph">Where they are added.</param>
/// <param name="config">Of the network.</param>
/// <param name="state">Its parameters by name.</param>
internal sealed class OnnxNeurons(OnnxGraph graph, MsVitConfig config, IReadOnlyDictionary<string, Tensor> state)
{
    private const long Float = (long)OnnxType.Float32;

    private string Zero => graph.Constant(0f);

    /// <summary>Currents [T * B, ...], time outermost, to spikes of that shape.</summary>
    public string Fire(string name, string current, double threshold)
    {
        string[] steps = [.. Enumerable.Range(0, config.TimeSteps).Select(t => $"{name}.x{t}")];
        if (steps.Length == 1)
        {
            return Fire(name, [current], threshold);
        }
        // Without sizes a split is even.
        graph.Node(steps, "Split", [current], "", ("axis", 0L));
        return Fire(name, steps, threshold);
    }

    /// <summary>A current [B, ...] that is the same at all steps to spikes [T * B, ...].</summary>
    public string FireStill(string name, string current, double threshold) =>
        Fire(name, [.. Enumerable.Repeat(current, config.TimeSteps)], threshold);

    private string Fire(string name, string[] currents, double threshold)
    {
        var spikes = config.Neuron == NeuronKind.Glif ? Glif(name, currents) : Lif(name, currents, (float)threshold);
        return spikes.Length == 1 ? graph.Node(name, "Identity", spikes) : graph.Node(name, "Concat", spikes, ("axis", 0L));
    }

    // h = v + (x - v) / tau; s = h >= threshold; v = h where it did not fire, else 0.
    private string[] Lif(string name, string[] currents, float threshold)
    {
        var (leak, by) = config.Neuron == NeuronKind.Plif
            ? ("Mul", graph.Constant(Value($"{name}.w", w => w.sigmoid())))
            : ("Div", graph.Constant((float)config.Tau));
        var limit = graph.Constant(threshold);
        var spikes = new string[currents.Length];
        string? v = null;
        for (var t = 0; t < currents.Length; t++)
        {
            var x = v is null ? currents[t] : graph.Node($"{name}.d{t}", "Sub", [currents[t], v]);
            var charge = graph.Node($"{name}.c{t}", leak, [x, by]);
            var h = v is null ? charge : graph.Node($"{name}.h{t}", "Add", [v, charge]);
            var fired = graph.Node($"{name}.f{t}", "GreaterOrEqual", [h, limit]);
            spikes[t] = graph.Node($"{name}.s{t}", "Cast", [fired], ("to", Float));
            v = t + 1 < currents.Length ? graph.Node($"{name}.v{t}", "Where", [fired, Zero, h]) : null;
        }
        return spikes;
    }

    private string[] Glif(string name, string[] currents)
    {
        var (sa, sg) = (Sigmoid("alpha"), Sigmoid("gamma"));
        var keep = graph.Constant(1 - (sa * (1 - Sigmoid("tau"))));
        var leak = graph.Constant((1 - sa) * Sigmoid("linear_decay"));
        var limit = graph.Constant(Sigmoid("v_threshold"));
        var share = graph.Constant(sg);
        var drop = graph.Constant((1 - sg) * Sigmoid("v_subreset"));
        var conduct = state[$"{name}.conduct"].sigmoid().cpu().data<float>().ToArray();
        var beta = Sigmoid("beta");
        var spikes = new string[currents.Length];
        string? v = null;
        for (var t = 0; t < currents.Length; t++)
        {
            var gain = graph.Constant(1 - (beta * (1 - conduct[t])));
            var h = graph.Node($"{name}.h{t}", "Sub", [graph.Node($"{name}.g{t}", "Mul", [currents[t], gain]), leak]);
            if (v is not null)
            {
                var kept = graph.Node($"{name}.k{t}", "Mul", [keep, v]);
                var charged = graph.Node($"{name}.a{t}", "Add", [h, kept]);
                var reset = graph.Node($"{name}.r{t}", "Mul", [graph.Node($"{name}.ks{t}", "Mul", [kept, share]), spikes[t - 1]]);
                h = graph.Node($"{name}.m{t}", "Sub", [graph.Node($"{name}.n{t}", "Sub", [charged, reset]), graph.Node($"{name}.q{t}", "Mul", [drop, spikes[t - 1]])]);
            }
            v = h;
            spikes[t] = graph.Node($"{name}.s{t}", "Cast", [graph.Node($"{name}.f{t}", "GreaterOrEqual", [h, limit])], ("to", Float));
        }
        return spikes;

        float Sigmoid(string parameter) => Value($"{name}.{parameter}", value => value.sigmoid());
    }

    private float Value(string name, Func<Tensor, Tensor> of)
    {
        using var scope = NewDisposeScope();
        return of(state[name]).cpu().item<float>();
    }
}
