using System.Text.Json.Serialization;

namespace MsVit.MLNet;

/// <summary>The kind of neuron in every layer.</summary>
/// <remarks>
/// The reference code has another kind, "nlif". It is <see cref="Lif"/> with an attention threshold of 0.5: the equations are the same,
/// but only its builder passes on the threshold of the attention.
/// </remarks>
[JsonConverter(typeof(JsonStringEnumConverter<NeuronKind>))]
public enum NeuronKind
{
    /// <summary>Leaky integrate-and-fire with a fixed time constant.</summary>
    Lif,

    /// <summary>LIF with a time constant learned by each layer.</summary>
    Plif,

    /// <summary>
    /// Gated LIF: each layer learns its leaks, threshold, reset and gates. It ignores the thresholds and tau of the config.
    /// </summary>
    Glif,

    /// <summary>
    /// Leaky integrate-and-fire that fires up to <see cref="MsVitConfig.Levels"/> spikes in a time step and then loses as much potential.
    /// It needs fewer time steps than LIF, and ignores the thresholds and the surrogate of the config: the first spike comes at 0.5.
    /// </summary>
    IntegerLif,
}
