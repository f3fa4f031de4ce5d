using System.Globalization;
using System.Text;

namespace MsVit.MLNet.Analysis;

/// <summary>How the neurons of a trained network fire on some data, and the energy of that.</summary>
public sealed record SpikeAnalysis
{
    /// <summary>Samples observed.</summary>
    public required int Samples { get; init; }

    /// <summary>Rows left out: images that could not be read, missing labels.</summary>
    public required int Skipped { get; init; }

    /// <summary>The energy, layer by layer, at the time steps of the trained network.</summary>
    public required EnergyReport Energy { get; init; }

    /// <summary>The neuron layers, in the order in which they fire.</summary>
    public required IReadOnlyList<NeuronLayer> Layers { get; init; }

    /// <summary>Accuracy and energy of the same weights at 1, 2, ... time steps.</summary>
    public required IReadOnlyList<TimeStepPoint> Steps { get; init; }

    /// <summary>How the neurons fired, as training reports it.</summary>
    public required NetworkActivity Activity { get; init; }

    /// <summary>Spikes per neuron and time step over all layers, 0 to 1; with integer neurons, 0 to their levels.</summary>
    public double FiringRate => Activity.FiringRate;

    internal IReadOnlyList<SampleOutcome> Outcomes { get; init; } = [];

    private bool HasLabels => Steps[0].Accuracy is not null;

    /// <summary>
    /// Accuracy, time steps and energy if each sample stops at the first step at which the probability of its likeliest class exceeds a
    /// threshold.
    /// </summary>
    /// <remarks>
    /// The first t steps of a sample do not depend on later ones, so the result of an early exit is known without another run. A sample
    /// takes at most the steps of <see cref="Steps"/>. The energy of the test, and of running the head at each step, is not counted.
    /// </remarks>
    /// <param name="thresholds">Each 0 to 1. At 1 no sample exits early, at 0 every sample exits after one step.</param>
    /// <exception cref="ArgumentOutOfRangeException">A threshold is not from 0 to 1.</exception>
    public IReadOnlyList<ExitPoint> EarlyExit(params IReadOnlyList<double> thresholds)
    {
        ArgumentNullException.ThrowIfNull(thresholds);
        return [.. thresholds.Select(Exit)];
    }

    /// <summary>One line per neuron layer: neurons, firing rate, dead and saturated share, the rate at each step.</summary>
    public string NeuronsToCsv()
    {
        var csv = new StringBuilder("layer,neurons,firing_rate,dead_share,saturated_share");
        for (var t = 1; t <= Layers[0].RatePerStep.Count; t++)
        {
            csv.Append(CultureInfo.InvariantCulture, $",rate_t{t}");
        }
        csv.Append("\r\n");
        foreach (var (layer, rates) in Layers)
        {
            csv.Append(
                CultureInfo.InvariantCulture,
                $"{layer.Name},{layer.Neurons},{layer.FiringRate:R},{layer.DeadShare:R},{layer.SaturatedShare:R}");
            foreach (var rate in rates)
            {
                csv.Append(CultureInfo.InvariantCulture, $",{rate:R}");
            }
            csv.Append("\r\n");
        }
        return csv.ToString();
    }

    /// <summary>The analysis as text with small tables, and what it leaves out.</summary>
    /// <param name="thresholds">The thresholds of <see cref="EarlyExit"/> to show; none by default.</param>
    public string ToText(params IReadOnlyList<double> thresholds)
    {
        ArgumentNullException.ThrowIfNull(thresholds);
        var text = new StringBuilder();
        var inputs = Energy.Layers.Where(layer => layer.Layer.TakesSpikes).ToList();
        var (sums, largest) = (inputs.Count(layer => layer.Input.BinaryShare < 1), inputs.Max(layer => layer.Input.Largest));
        var levels = Energy.Network.SpikesPerStep;
        var rate = levels > 1
            ? string.Create(CultureInfo.InvariantCulture, $"{FiringRate:0.000} spikes per neuron and time step (at most {levels})")
            : string.Create(CultureInfo.InvariantCulture, $"firing rate {FiringRate:P1}");
        text.AppendLine(
            CultureInfo.InvariantCulture,
            $"{Samples} samples ({Skipped} left out), {rate}, dead {Activity.DeadShare:P1}, saturated {Activity.SaturatedShare:P1}");
        text.AppendLine(
            CultureInfo.InvariantCulture,
            $"{sums} of {inputs.Count} layers that read spikes get {(levels > 1 ? $"counts of up to {levels} spikes, or " : "")}"
            + $"sums of residual connections: whole numbers up to {largest}, not spikes.");
        foreach (var point in Steps)
        {
            text.AppendLine(
                CultureInfo.InvariantCulture,
                $"  T = {point.TimeSteps,2}: accuracy {Share(point.Accuracy)}, "
                + $"{point.Joules * 1e3:G4} mJ (by value {point.JoulesByValue * 1e3:G4})");
        }
        foreach (var exit in EarlyExit(thresholds))
        {
            text.AppendLine(
                CultureInfo.InvariantCulture,
                $"  exiting once the likeliest class exceeds {exit.Threshold:0.###}: accuracy {Share(exit.Accuracy)}, "
                + $"{exit.MeanTimeSteps:0.00} time steps, {exit.Joules * 1e3:G4} mJ");
        }
        return text.Append(Energy.ToText()).ToString();
    }

    private static string Share(double? share) => share?.ToString("P2", CultureInfo.InvariantCulture) ?? "unknown";

    private ExitPoint Exit(double threshold)
    {
        var exits = Outcomes.Select(outcome => (Outcome: outcome, Last: LastStep(outcome, threshold))).ToList();
        return new(
            threshold,
            HasLabels ? exits.Average(exit => exit.Outcome.IsRight[exit.Last] ? 1.0 : 0) : null,
            exits.Average(exit => exit.Last + 1.0),
            exits.Average(exit => exit.Outcome.Picojoules[exit.Last]) * EnergyReport.JoulesInPicojoule);
    }

    // From 0.
    private int LastStep(SampleOutcome outcome, double threshold)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threshold, 0);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(threshold, 1);
        var sure = Array.FindIndex(outcome.Confidence, 0, Steps.Count, confidence => confidence > threshold);
        return sure < 0 ? Steps.Count - 1 : sure;
    }
}
