using MsVit.MLNet.Kernels;
using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>LIF and PLIF neurons, step by step: the equations of <see cref="EagerLif"/>.</summary>
/// <remarks>
/// Membranes are negated, n = -h and w = -v: then a single operator, ThresholdedRelu, keeps what did not fire and resets the rest to 0.
/// Rounding is symmetric around 0, so the spikes are bit-identical.
/// </remarks>
/// <param name="graph">Where they are added.</param>
/// <param name="config">The network.</param>
/// <param name="state">The parameters of the network, by name.</param>
/// <param name="spikes">The type of the spikes.</param>
internal sealed class OnnxLif(OnnxGraph graph, MsVitConfig config, IReadOnlyDictionary<string, Tensor> state, OnnxType spikes)
{
    // A membrane that keeps less than this from step to step is treated as keeping nothing.
    private const double LeastKept = 0.02;

    /// <summary>The spikes of each step, for currents in float32.</summary>
    /// <remarks>h = v + (x - v) / tau; s = h >= threshold; v = h where it did not fire, else 0.</remarks>
    public string[] Fire(string name, string[] currents, float threshold)
    {
        var (leak, by) = Leak(name);
        var fired = new string[currents.Length];
        string? w = null;
        for (var t = 0; t < currents.Length; t++)
        {
            var n = w is null
                ? graph.Node($"{name}.n{t}", leak, [currents[t], graph.Constant(-by)])
                : graph.Node($"{name}.n{t}", "Sub", [w, Charge(t, currents[t], w)]);
            fired[t] = Spike($"{name}.s{t}", n, -threshold);
            w = t + 1 < currents.Length ? Reset($"{name}.v{t}", n, -threshold) : null;
        }
        return fired;

        string Charge(int t, string current, string w)
        {
            var difference = graph.Node($"{name}.d{t}", "Add", [current, w]);
            return graph.Node($"{name}.c{t}", leak, [difference, graph.Constant(by)]);
        }
    }

    /// <summary>The spikes of each step, for currents in eight bits.</summary>
    /// <remarks>
    /// h = k v + x / tau with k = 1 - 1 / tau. Everything at step t is in units of k^t / tau: then a step is a single sum, and the units
    /// become part of the scale of the currents.
    /// </remarks>
    public string[] Fire(string name, string[] currents, OnnxByteCurrent current, float threshold)
    {
        var rate = Rate(name);
        var kept = 1 - rate < LeastKept ? 0 : 1 - rate;
        var fired = new string[currents.Length];
        string? w = null;
        for (var t = 0; t < currents.Length; t++)
        {
            var units = kept == 0 ? 1 : Math.Pow(kept, -t);
            var x = current.Widen(graph, $"{name}.f{t}", currents[t], units);
            var n = (w, current.IsNegative) switch
            {
                (null, true) => x,
                (null, false) => graph.Node($"{name}.n{t}", "Neg", [x]),
                (_, true) => graph.Node($"{name}.n{t}", "Add", [w, x]),
                (_, false) => graph.Node($"{name}.n{t}", "Sub", [w, x]),
            };
            var limit = (float)(-threshold * units / rate);
            fired[t] = Spike($"{name}.s{t}", n, limit);
            w = t + 1 < currents.Length && kept > 0 ? Reset($"{name}.v{t}", n, limit) : null;
        }
        return fired;
    }

    private string Spike(string name, string n, float limit) =>
        graph.Node(name, "Cast", [graph.Node(name + ".fired", "LessOrEqual", [n, graph.Constant(limit)])], ("to", (long)spikes));

    private string Reset(string name, string n, float limit) => graph.Node(name, "ThresholdedRelu", [n], ("alpha", limit));

    private double Rate(string name) => config.Neuron == NeuronKind.Plif ? Learned(name) : 1 / config.Tau;

    // As torch computes it; dividing by a power of two equals multiplying.
    private (string Kind, float By) Leak(string name) =>
        config.Neuron == NeuronKind.Plif ? ("Mul", Learned(name))
        : double.IsPow2(config.Tau) ? ("Mul", (float)(1 / config.Tau))
        : ("Div", (float)config.Tau);

    private float Learned(string name)
    {
        using var scope = NewDisposeScope();
        return state[$"{name}.w"].sigmoid().cpu().item<float>();
    }
}
