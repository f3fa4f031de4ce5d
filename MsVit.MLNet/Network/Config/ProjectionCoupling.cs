using System.Text.Json.Serialization;

namespace MsVit.MLNet;

/// <summary>What the last neuron of spiking self-attention takes for its time axis.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ProjectionCoupling>))]
public enum ProjectionCoupling
{
    /// <summary>The T steps of each sample. A prediction does not depend on what else is in the batch.</summary>
    PerSample,

    /// <summary>
    /// All T * B of the batch, samples running fastest, as in the released code. For comparison with recorded numbers only.
    /// </summary>
    Batch,
}
