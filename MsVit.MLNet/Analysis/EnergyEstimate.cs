using Microsoft.ML;

namespace MsVit.MLNet.Analysis;

/// <summary>What an image costs a trained network, as a few numbers: for sweeps and comparisons.</summary>
/// <remarks>Float32 operations alone; what that leaves out is <see cref="EnergyReport.LeftOut"/>.</remarks>
public sealed record EnergyEstimate
{
    /// <summary>Images or recordings observed.</summary>
    public required int Samples { get; init; }

    /// <summary>Trainable numbers of the network.</summary>
    public required long Parameters { get; init; }

    /// <summary>Spikes a neuron and time step, 0 to 1.</summary>
    public required double FiringRate { get; init; }

    /// <summary>Operations on inputs that are not 0, an image.</summary>
    public required double SynapticOperations { get; init; }

    /// <summary>Joules an image by the papers' formula, each input that is not 0 counting once.</summary>
    public required double Joules { get; init; }

    /// <summary>The same, an input of 2 counting twice.</summary>
    public required double JoulesByValue { get; init; }

    /// <summary>Joules of an ordinary network of the same layout.</summary>
    public required double AnnJoules { get; init; }

    /// <summary>Observes a model over rows spread evenly over the data.</summary>
    /// <param name="model">The model.</param>
    /// <param name="samples">Data with the model's input column.</param>
    /// <param name="most">How many rows to look at, at most.</param>
    internal static EnergyEstimate Of(MsVitModel model, IDataView samples, int most)
    {
        var analysis = SpikeAnalyzer.Run(model, samples, new SpikeAnalysisSettings { MaxSamples = most, LabelColumnName = null });
        return Of(analysis);
    }

    /// <summary>The few numbers of an analysis.</summary>
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
