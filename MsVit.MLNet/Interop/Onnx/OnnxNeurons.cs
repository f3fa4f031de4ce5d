using MsVit.MLNet.Kernels;
using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>Neuron layers, unrolled over the time steps.</summary>
/// <param name="graph">Where they are added.</param>
/// <param name="plan">The network.</param>
/// <param name="state">The parameters of the network, by name.</param>
/// <param name="spikes">The type of the spikes.</param>
internal sealed class OnnxNeurons(OnnxGraph graph, NetworkPlan plan, IReadOnlyDictionary<string, Tensor> state, OnnxType spikes)
{
    private readonly OnnxLif _lif = new(graph, plan.Config, state, spikes);
    private readonly OnnxInteger _integer = new(graph, LifDynamics.Integer(plan.Config.Tau, plan.Config.Levels).Decay, spikes);
    private readonly OnnxGlif _glif = new(graph, state, spikes);

    /// <summary>Whether they prefer negated currents in eight bits.</summary>
    public bool PrefersNegative => !IsGlif && !IsInteger;

    /// <summary>
    /// Whether they take currents that are rounded to whole numbers already: integer neurons whose membrane no later step sees.
    /// </summary>
    public bool TakeWholeCurrents => IsInteger && plan.Config.TimeSteps == 1;

    private bool IsGlif => plan.Config.Neuron == NeuronKind.Glif;

    private bool IsInteger => plan.Config.Neuron == NeuronKind.IntegerLif;

    /// <summary>Currents [T * B, ...] in float32, time outermost, to spikes of that shape.</summary>
    public string Fire(string name, string current, double threshold) => Fire(name, Steps(name, current, OnnxType.Float32), threshold);

    /// <summary>A current [B, ...] in float32 that is the same at all steps to spikes [T * B, ...].</summary>
    public string FireStill(string name, string current, double threshold) =>
        Fire(name, [.. Enumerable.Repeat(current, plan.Config.TimeSteps)], threshold);

    /// <summary>Currents [T * B, ...] in eight bits, time outermost, to spikes of that shape.</summary>
    public string Fire(string name, OnnxByteCurrent current, double threshold)
    {
        var steps = Steps(name, current.Name, OnnxType.UInt8);
        return Gather(name, IsInteger ? _integer.Fire(name, steps, current, plan.LevelsByNeurons[name])
            : IsGlif ? _glif.Fire(name, [.. steps.Select((step, t) => current.Widen(graph, $"{name}.w{t}", step))])
            : _lif.Fire(name, steps, current, (float)threshold));
    }

    private string Fire(string name, string[] currents, double threshold) =>
        Gather(name, IsInteger ? _integer.Fire(name, currents, plan.LevelsByNeurons[name])
            : IsGlif ? _glif.Fire(name, currents) : _lif.Fire(name, currents, (float)threshold));

    private string[] Steps(string name, string current, OnnxType type)
    {
        string[] steps = [.. Enumerable.Range(0, plan.Config.TimeSteps).Select(t => $"{name}.x{t}")];
        if (steps.Length == 1)
        {
            return [current];
        }
        // Without sizes, Split makes equal parts.
        graph.Node(steps, "Split", [current], "", ("axis", 0L));
        foreach (var step in steps)
        {
            graph.Shape(step, type, OnnxGraph.Batch, OnnxGraph.Inferred, OnnxGraph.Inferred, OnnxGraph.Inferred);
        }
        return steps;
    }

    private string Gather(string name, string[] steps)
    {
        if (steps.Length == 1)
        {
            return graph.Node(name, "Identity", steps);
        }
        graph.Shape(name, spikes, OnnxGraph.StepsBatch, OnnxGraph.Inferred, OnnxGraph.Inferred, OnnxGraph.Inferred);
        return graph.Node(name, "Concat", steps, ("axis", 0L));
    }
}
