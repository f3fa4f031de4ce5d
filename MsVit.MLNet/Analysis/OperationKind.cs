using System.Text.Json.Serialization;

namespace MsVit.MLNet.Analysis;

/// <summary>What the multiplications of a layer are.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<OperationKind>))]
public enum OperationKind
{
    /// <summary>A convolution over pixels, tokens or frames.</summary>
    Convolution,

    /// <summary>A sum, mask or product of spikes with spikes within attention: no weights.</summary>
    Attention,

    /// <summary>The linear classifier.</summary>
    Linear,
}
