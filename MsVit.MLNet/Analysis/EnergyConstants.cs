using System.Diagnostics.CodeAnalysis;

namespace MsVit.MLNet.Analysis;

/// <summary>What one operation costs, in picojoules, at 45 nm and 0.9 V.</summary>
/// <remarks>M. Horowitz, "Computing's energy problem (and what we can do about it)", ISSCC 2014, figure 1.1.9.</remarks>
/// <param name="Name">The number format.</param>
/// <param name="Mac">A multiplication and an addition.</param>
/// <param name="Accumulate">An addition.</param>
/// <param name="Word">
/// Reading or writing one number in a memory of 8 KB: 10 pJ for 64 bits, scaled to the bits of the format. Only the estimate with memory
/// uses it.
/// </param>
[SuppressMessage("Naming", "CA1720", Justification = "The constants belong to these types and are named after them.")]
public sealed record EnergyConstants(string Name, double Mac, double Accumulate, double Word)
{
    /// <summary>Where the constants come from.</summary>
    public const string Source = "Horowitz, ISSCC 2014: 45 nm, 0.9 V";

    /// <summary>3.7 + 0.9 and 0.9 pJ, which the papers on spiking transformers use.</summary>
    public static EnergyConstants Float32 { get; } = new("float32", 4.6, 0.9, 5);

    /// <summary>1.1 + 0.4 and 0.4 pJ.</summary>
    public static EnergyConstants Float16 { get; } = new("float16", 1.5, 0.4, 2.5);

    /// <summary>0.2 + 0.03 and 0.03 pJ, for additions of 8 bits; real hardware accumulates in 32 bits, at 0.1 pJ.</summary>
    public static EnergyConstants Int8 { get; } = new("int8", 0.23, 0.03, 1.25);

    /// <summary>All of them.</summary>
    public static IReadOnlyList<EnergyConstants> All { get; } = [Float32, Float16, Int8];
}
