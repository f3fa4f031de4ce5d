using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;

namespace MsVit.MLNet;

/// <summary>The type in which a network stores its spikes and currents and computes its convolutions.</summary>
/// <remarks>
/// Weights, batch-norm statistics, membranes, pixels, features and the optimizer are float32 with each of them. Spikes and their small
/// sums are exact in all.
/// </remarks>
[SuppressMessage("Naming", "CA1720", Justification = "The names of the types are what the values stand for.")]
[JsonConverter(typeof(JsonStringEnumConverter<Precision>))]
public enum Precision
{
    /// <summary>32 bits.</summary>
    Float32,

    /// <summary>
    /// 16 bits, 8 of them for the mantissa: half the memory, and about twice the speed on CPUs with AVX512-BF16 or AMX and on
    /// GPUs from Ampere on. Elsewhere it is slow.
    /// </summary>
    BFloat16,

    /// <summary>
    /// 16 bits, 11 of them for the mantissa, from 6e-8 to 65,504: for GPUs that do not multiply bfloat16. Training multiplies its loss,
    /// so that small gradients are not lost, and leaves out steps for which that was too much. On a CPU it is slow, and for trying out.
    /// </summary>
    Float16,
}
