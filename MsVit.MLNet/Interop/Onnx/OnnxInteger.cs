using MsVit.MLNet.Kernels;

namespace MsVit.MLNet;

/// <summary>Integer neurons, step by step: the equations of <see cref="EagerLif"/>.</summary>
/// <remarks>ONNX rounds half to even in Round and in QuantizeLinear, as torch does.</remarks>
/// <param name="graph">Where they are added.</param>
/// <param name="decay">What a membrane keeps of its potential from one time step to the next.</param>
/// <param name="spikes">The type of the spikes.</param>
internal sealed class OnnxInteger(OnnxGraph graph, double decay, OnnxType spikes)
{
    /// <summary>The spikes of each step, for currents in float32.</summary>
    public string[] Fire(string name, string[] currents, int levels) => Fire(name, currents.Length, levels, (t, v) =>
    {
        if (v is null)
        {
            return currents[t];
        }
        var kept = graph.Node($"{name}.k{t}", "Mul", [v, graph.Constant((float)decay)]);
        return graph.Node($"{name}.h{t}", "Add", [kept, currents[t]]);
    });

    /// <summary>The spikes of each step, for currents in eight bits.</summary>
    /// <remarks>
    /// With one time step nothing is left of a membrane: the convolution rounds its currents to whole numbers and cuts them off at 0, so
    /// only the levels remain. See <see cref="OnnxEightBits"/>.
    /// </remarks>
    public string[] Fire(string name, string[] currents, OnnxByteCurrent current, int levels) => currents.Length == 1
        ? [graph.Node(name + ".s0", "Clip", [currents[0], graph.Byte(0), graph.Byte((byte)levels)])]
        : Fire(name, [.. currents.Select((step, t) => current.Widen(graph, $"{name}.f{t}", step))], levels);

    // s = round(clamp(h, 0, levels)); v = h - s.
    private string[] Fire(string name, int steps, int levels, Func<int, string?, string> charge)
    {
        var fired = new string[steps];
        string? v = null;
        for (var t = 0; t < steps; t++)
        {
            var h = charge(t, v);
            fired[t] = Count($"{name}.s{t}", h, levels);
            v = t + 1 == steps ? null : graph.Node($"{name}.v{t}", "Sub", [h, Widen($"{name}.w{t}", fired[t])]);
        }
        return fired;
    }

    // Cut in float32, although bytes are never below 0: ONNX Runtime would move a QuantizeLinear before a max-pool, whose pass over bytes
    // took more time than all convolutions of a small network.
    private string Count(string name, string h, int levels)
    {
        var cut = graph.Node(name + ".cut", "Clip", [h, graph.Constant(0f), graph.Constant((float)levels)]);
        return spikes == OnnxType.Float32
            ? graph.Node(name, "Round", [cut])
            : graph.Node(name, "QuantizeLinear", [cut, graph.Constant(1f), graph.Byte(0)]);
    }

    private string Widen(string name, string fired) => spikes == OnnxType.Float32
        ? fired
        : graph.Node(name, "DequantizeLinear", [fired, graph.Constant(1f), graph.Byte(0)]);
}
