using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;

namespace MsVit.MLNet;

/// <summary>The type in which a network stores its spikes and currents and computes its convolutions.</summary>
/// <remarks>
/// Weights, batch-norm statistics, membranes, pixels, features and the optimizer are always float32. Spikes and their small sums are
/// exact in every precision.
/// </remarks>
[SuppressMessage("Naming", "CA1720", Justification = "The names of the types are what the values stand for.")]
[JsonConverter(typeof(JsonStringEnumConverter<Precision>))]
public enum Precision
{
    /// <summary>32 bits.</summary>
    Float32,

    /// <summary>
    /// 16 bits, 8 of them for the mantissa. Halves the memory and roughly doubles the speed on CPUs with AVX512-BF16 or AMX and on GPUs
    /// from Ampere on. It is slow elsewhere.
    /// </summary>
    BFloat16,

    /// <summary>
    /// 16 bits, 11 of them for the mantissa, from 6e-8 to 65,504: for GPUs without bfloat16 arithmetic. Training scales its loss so
    /// that small gradients are not lost, and skips steps in which the scale was too large. On a CPU it is slow and only useful for
    /// trying it out.
    /// </summary>
    Float16,
}
