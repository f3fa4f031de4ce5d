using Microsoft.ML;

namespace MsVit.MLNet.Analysis;

/// <summary>The energy of a trained network per image, in a few numbers: for sweeps and comparisons.</summary>
/// <remarks>It counts float32 operations only; <see cref="EnergyReport.Excluded"/> lists what that leaves out.</remarks>
public sealed record EnergyEstimate
{
    /// <summary>Images or recordings observed.</summary>
    public required int Samples { get; init; }

    /// <summary>Parameters of the network.</summary>
    public required long Parameters { get; init; }

    /// <summary>Spikes per neuron and time step, 0 to 1; with integer neurons, 0 to their levels.</summary>
    public required double FiringRate { get; init; }

    /// <summary>Operations per image on inputs that are not 0.</summary>
    public required double SynapticOperations { get; init; }

    /// <summary>Joules per image by the papers' formula: each input that is not 0 counts once.</summary>
    public required double Joules { get; init; }

    /// <summary>Joules per image if an input of 2 counts twice.</summary>
    public required double JoulesByValue { get; init; }

    /// <summary>Joules per image of an ordinary network of the same layout.</summary>
    public required double AnnJoules { get; init; }

    /// <summary>Observes a model over rows spread evenly over the data.</summary>
    /// <param name="model">The model.</param>
    /// <param name="samples">Data with the model's input column.</param>
    /// <param name="most">The most rows to observe.</param>
    internal static EnergyEstimate Of(MsVitModel model, IDataView samples, int most)
    {
        var analysis = SpikeAnalyzer.Run(model, samples, new SpikeAnalysisSettings { MaxSamples = most, LabelColumnName = null });
        return Of(analysis);
    }

    /// <summary>Takes the numbers from an analysis.</summary>
    public static EnergyEstimate Of(SpikeAnalysis analysis)
    {
        ArgumentNullException.ThrowIfNull(analysis);
        var energy = analysis.Energy;
        return new()
        {
            Samples = analysis.Samples,
            Parameters = energy.Parameters,
            FiringRate = analysis.FiringRate,
            SynapticOperations = energy.Operations,
            Joules = energy.Picojoules * EnergyReport.JoulesInPicojoule,
            JoulesByValue = energy.PicojoulesByValue * EnergyReport.JoulesInPicojoule,
            AnnJoules = energy.AnnPicojoules * EnergyReport.JoulesInPicojoule,
        };
    }
}
