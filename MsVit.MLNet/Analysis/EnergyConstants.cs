using System.Diagnostics.CodeAnalysis;

namespace MsVit.MLNet.Analysis;

/// <summary>What one operation costs, in picojoules, at 45 nm and 0.9 V.</summary>
/// <remarks>M. Horowitz, "Computing's energy problem (and what we can do about it)", ISSCC 2014, figure 1.1.9.</remarks>
/// <param name="Name">Of the number format.</param>
/// <param name="Mac">A multiplication and an addition.</param>
/// <param name="Accumulate">An addition.</param>
/// <param name="Word">
/// A number read from or written to a memory of 8 KB: the 10 pJ of 64 bits, by the share of the bits. For the memory-aware estimate alone.
/// </param>
[SuppressMessage("Naming", "CA1720", Justification = "The names of the types are what the constants stand for.")]
public sealed record EnergyConstants(string Name, double Mac, double Accumulate, double Word)
{
    /// <summary>Where the constants come from.</summary>
    public const string Source = "Horowitz, ISSCC 2014: 45 nm, 0.9 V";

    /// <summary>3.7 + 0.9 and 0.9 pJ: what the papers on spiking transformers use.</summary>
    public static EnergyConstants Float32 { get; } = new("float32", 4.6, 0.9, 5);

    /// <summary>1.1 + 0.4 and 0.4 pJ.</summary>
    public static EnergyConstants Float16 { get; } = new("float16", 1.5, 0.4, 2.5);

    /// <summary>0.2 + 0.03 and 0.03 pJ, with additions of 8 bits; a real one adds up in 32 bits, at 0.1.</summary>
    public static EnergyConstants Int8 { get; } = new("int8", 0.23, 0.03, 1.25);

    /// <summary>All of them.</summary>
    public static IReadOnlyList<EnergyConstants> All { get; } = [Float32, Float16, Int8];
}
