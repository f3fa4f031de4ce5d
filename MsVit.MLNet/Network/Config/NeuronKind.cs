using System.Text.Json.Serialization;

namespace MsVit.MLNet;

/// <summary>The neuron of every layer.</summary>
/// <remarks>
/// The reference's further kind "nlif" is <see cref="Lif"/> with an attention threshold of 0.5: its equations are the same, and
/// its builder alone passes on the threshold that the attention asks for.
/// </remarks>
[JsonConverter(typeof(JsonStringEnumConverter<NeuronKind>))]
public enum NeuronKind
{
    /// <summary>Leaky integrate-and-fire with a fixed time constant.</summary>
    Lif,

    /// <summary>LIF with a time constant that each layer learns.</summary>
    Plif,

    /// <summary>
    /// Gated LIF: each layer learns its leaks, threshold, reset and gates. It does not use the thresholds and tau of the config.
    /// </summary>
    Glif,
}
