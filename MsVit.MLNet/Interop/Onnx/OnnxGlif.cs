using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>GLIF neurons, step by step: the equations of <see cref="GlifNeuron"/>.</summary>
/// <param name="graph">Where they are added.</param>
/// <param name="state">The parameters of the network, by name.</param>
/// <param name="spikes">The type of the spikes.</param>
internal sealed class OnnxGlif(OnnxGraph graph, IReadOnlyDictionary<string, Tensor> state, OnnxType spikes)
{
    private const OnnxType Float = OnnxType.Float32;

    /// <summary>The spikes of each step, for currents in float32.</summary>
    public string[] Fire(string name, string[] currents)
    {
        var (sa, sg) = (Sigmoid("alpha"), Sigmoid("gamma"));
        var keep = graph.Constant(1 - (sa * (1 - Sigmoid("tau"))));
        var leak = graph.Constant((1 - sa) * Sigmoid("linear_decay"));
        var limit = graph.Constant(Sigmoid("v_threshold"));
        var share = graph.Constant(sg);
        var drop = graph.Constant((1 - sg) * Sigmoid("v_subreset"));
        var conduct = state[$"{name}.conduct"].sigmoid().cpu().data<float>().ToArray();
        var beta = Sigmoid("beta");
        var fired = new string[currents.Length];
        string? v = null, s = null;
        for (var t = 0; t < currents.Length; t++)
        {
            var gain = graph.Constant(1 - (beta * (1 - conduct[t])));
            var h = graph.Node($"{name}.h{t}", "Sub", [graph.Node($"{name}.g{t}", "Mul", [currents[t], gain]), leak]);
            if (v is not null && s is not null)
            {
                var kept = graph.Node($"{name}.k{t}", "Mul", [keep, v]);
                var charged = graph.Node($"{name}.a{t}", "Add", [h, kept]);
                var reset = graph.Node($"{name}.r{t}", "Mul", [graph.Node($"{name}.ks{t}", "Mul", [kept, share]), s]);
                var shared = graph.Node($"{name}.n{t}", "Sub", [charged, reset]);
                h = graph.Node($"{name}.m{t}", "Sub", [shared, graph.Node($"{name}.q{t}", "Mul", [drop, s])]);
            }
            v = h;
            var over = graph.Node($"{name}.f{t}", "GreaterOrEqual", [h, limit]);
            s = Cast($"{name}.s{t}", over, Float);
            fired[t] = spikes == Float ? s : Cast($"{name}.o{t}", over, spikes);
        }
        return fired;

        float Sigmoid(string parameter) => Value($"{name}.{parameter}");
    }

    private string Cast(string name, string over, OnnxType type) => graph.Node(name, "Cast", [over], ("to", (long)type));

    private float Value(string name)
    {
        using var scope = NewDisposeScope();
        return state[name].sigmoid().cpu().item<float>();
    }
}
