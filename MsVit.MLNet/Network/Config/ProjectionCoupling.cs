using System.Text.Json.Serialization;

namespace MsVit.MLNet;

/// <summary>The time axis of the last neuron in spiking self-attention.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ProjectionCoupling>))]
public enum ProjectionCoupling
{
    /// <summary>The T steps of each sample. A prediction does not depend on the rest of the batch.</summary>
    PerSample,

    /// <summary>
    /// All T * B steps of the batch, with samples varying fastest, as in the released code. Only for comparison with recorded numbers.
    /// </summary>
    Batch,
}
