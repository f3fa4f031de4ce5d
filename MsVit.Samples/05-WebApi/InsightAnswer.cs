using MsVit.MLNet.Analysis;
using MsVit.MLNet.Events;

namespace MsVit.Samples.WebApi;

/// <summary>What happened inside the network, as JSON.</summary>
/// <param name="TimeSteps">T.</param>
/// <param name="FiringRate">Spikes per neuron and time step, 0 to 1; with integer neurons, 0 to their levels.</param>
/// <param name="ProbabilitiesPerStep">The probability of each class after 1, 2, ... time steps.</param>
/// <param name="Layers">The layers of neurons.</param>
/// <param name="Attention">Where each stage attends.</param>
/// <param name="Energy">The energy estimate.</param>
/// <param name="Frames">The frames of a recording as the network saw them.</param>
internal sealed record InsightAnswer(
    int TimeSteps,
    double FiringRate,
    IReadOnlyList<IReadOnlyList<float>> ProbabilitiesPerStep,
    IReadOnlyList<InsightAnswer.Layer> Layers,
    IReadOnlyList<AttentionMap> Attention,
    InsightAnswer.Cost Energy,
    InsightAnswer.Film? Frames)
{
    public static InsightAnswer Of(SampleInsight insight, EventFrames? frames) => new(
        insight.TimeSteps,
        insight.FiringRate,
        insight.ProbabilitiesPerStep,
        [.. insight.Layers.Select(layer => new Layer(
            layer.Name, layer.Description, layer.Neurons, layer.Levels, layer.RatePerStep, [.. layer.Raster.Select(Row)]))],
        insight.Attention,
        Cost.Of(insight.Energy),
        frames is null ? null : Film.Of(frames));

    // Counts are at most 16, so each is a digit of base 36.
    private static string Row(IReadOnlyList<int> neuron) =>
        string.Concat(neuron.Select(spikes => (char)(spikes < 10 ? '0' + spikes : 'a' + spikes - 10)));

    /// <summary>
    /// A layer whose neurons fire up to so many spikes in a time step. The raster has one text per neuron, with the number of its spikes at
    /// each time step as a digit of base 36.
    /// </summary>
    internal sealed record Layer(
        string Name, string Description, long Neurons, int Levels, IReadOnlyList<double> RatePerStep, IReadOnlyList<string> Raster);

    /// <summary>The energy, and how it is estimated.</summary>
    internal sealed record Cost(
        double Picojoules,
        double AnnPicojoules,
        double Operations,
        double AnnOperations,
        string Constants,
        double MacPicojoules,
        double AccumulatePicojoules,
        IReadOnlyList<string> LeftOut)
    {
        public static Cost Of(EnergyReport energy) => new(
            energy.Picojoules, energy.AnnPicojoules,
            energy.Operations, energy.Layers.Sum(layer => (double)layer.Layer.Macs * layer.AnnRuns),
            energy.Constants.Name, energy.Constants.Mac, energy.Constants.Accumulate, EnergyReport.Excluded);
    }

    /// <summary>Counts [T, P, H, W] in base 64.</summary>
    internal sealed record Film(int TimeSteps, int Channels, int Height, int Width, string Counts)
    {
        public static Film Of(EventFrames frames) => new(
            frames.TimeSteps, frames.Channels, frames.Size.Height, frames.Size.Width, Convert.ToBase64String(frames.Bytes));
    }
}
