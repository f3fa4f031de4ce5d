using Microsoft.ML;
using static TorchSharp.torch;

namespace MsVit.MLNet.Analysis;

/// <summary>Runs a model over data once, for the most time steps requested; a run over fewer steps is the start of that run.</summary>
internal static class SpikeAnalyzer
{
    public static SpikeAnalysis Run(MsVitModel model, IDataView data, SpikeAnalysisSettings settings)
    {
        settings.Validate();
        var config = model.Network.Config;
        // The numbers of the network itself need all the steps that it was trained with.
        var most = settings.MaxTimeSteps ?? config.TimeSteps;
        var steps = Math.Max(most, config.TimeSteps);
        var rows = new AnalyzedRows(model, data, settings);
        using var network = AnalyzedNetwork.Of(model, steps);
        using var monitor = new SpikeMonitor(SynapticOperations.Of(config), steps, settings.Constants);
        var outcomes = new List<SampleOutcome>();
        foreach (var (samples, labels) in rows.Batches())
        {
            Forward(model, network, monitor, samples, labels, steps, outcomes);
        }
        if (outcomes.Count == 0)
        {
            throw new ArgumentException(
                "The data have no row that can be analyzed: every row lacks a readable image, or a label in a label column.", nameof(data));
        }
        var activity = monitor.Activity();
        return new()
        {
            Samples = outcomes.Count,
            Skipped = rows.Skipped,
            Energy = monitor.Energy(config.TimeSteps),
            Layers = [.. activity.Layers.Select(layer => new NeuronLayer(layer, monitor.Rates(layer.Name, layer.Neurons)))],
            Steps = [.. Enumerable.Range(1, most).Select(t => Point(t, outcomes, rows.HasLabels, monitor.Energy(t)))],
            Outcomes = outcomes,
            Activity = activity,
        };
    }

    private static void Forward(
        MsVitModel model, AnalyzedNetwork network, SpikeMonitor monitor, AnalyzedRows.Sample samples, int[] labels, int steps,
        List<SampleOutcome> outcomes)
    {
        using var gradientFree = no_grad();
        using var scope = NewDisposeScope();
        var picojoules = new double[labels.Length, steps];
        Tensor? seen = null;
        var input = model.Input(samples.Bytes, samples.Shape, labels.Length);
        network.Forward(input, monitor.Watch(
            labels.Length, picojoules, features => seen = network.Probabilities(features).cpu().DetachFromDisposeScope()));
        using var probabilities = seen!;
        var (top, predicted) = probabilities.max(2);                                    // [T, B] each
        var confidence = top.contiguous().data<float>().ToArray();
        var classes = predicted.contiguous().data<long>().ToArray();
        for (var b = 0; b < labels.Length; b++)
        {
            var outcome = new SampleOutcome(new float[steps], new bool[steps], new double[steps]);
            var spent = 0.0;
            for (var t = 0; t < steps; t++)
            {
                var at = (t * labels.Length) + b;
                spent += picojoules[b, t];
                (outcome.Confidence[t], outcome.IsRight[t], outcome.Picojoules[t]) = (confidence[at], classes[at] == labels[b], spent);
            }
            outcomes.Add(outcome);
        }
    }

    private static TimeStepPoint Point(int t, List<SampleOutcome> outcomes, bool hasLabels, EnergyReport energy) => new(
        t, hasLabels ? outcomes.Average(outcome => outcome.IsRight[t - 1] ? 1.0 : 0) : null,
        energy.Picojoules * EnergyReport.JoulesInPicojoule, energy.PicojoulesByValue * EnergyReport.JoulesInPicojoule);
}
