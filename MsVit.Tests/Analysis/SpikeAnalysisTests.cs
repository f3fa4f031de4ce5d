using Microsoft.ML;
using MsVit.MLNet;
using MsVit.MLNet.Analysis;
using MsVit.Tests.Support;

namespace MsVit.Tests.Analysis;

public sealed class SpikeAnalysisTests(TrainedDots dots) : IClassFixture<TrainedDots>
{
    private readonly MLContext _ml = new(seed: 1);

    private SpikeAnalysis Analyze(SpikeAnalysisSettings? settings = null) =>
        _ml.MulticlassClassification.AnalyzeMsVit(dots.Model, dots.Train, settings);

    [Fact]
    public void At_the_networks_own_time_steps_the_accuracy_is_that_of_scoring()
    {
        var metrics = _ml.MulticlassClassification.Evaluate(dots.Model.Transform(dots.Train));
        var analysis = Analyze();
        Assert.Equal(150, analysis.Samples);
        Assert.Equal(DotTask.Network.TimeSteps, analysis.Steps.Count);
        Assert.Equal(metrics.MicroAccuracy, analysis.Steps[^1].Accuracy!.Value, precision: 12);
        Assert.Equal(analysis.Energy.Picojoules, analysis.Steps[^1].Joules * 1e12, precision: 3);
    }

    [Fact]
    public void The_batch_size_changes_nothing()
    {
        var (one, other) = (Analyze(), Analyze(new() { BatchSize = 7 }));
        Assert.Equal(one.Energy.Picojoules, other.Energy.Picojoules, tolerance: 1e-9 * one.Energy.Picojoules);
        Assert.Equal(one.Steps.Select(step => step.Accuracy), other.Steps.Select(step => step.Accuracy));
    }

    [Fact]
    public void Longer_runs_cost_more_and_leave_the_networks_own_energy_as_it_is()
    {
        var (own, longer) = (Analyze(), Analyze(new() { MaxTimeSteps = 16 }));
        Assert.Equal(16, longer.Steps.Count);
        Assert.All(longer.Steps.Zip(longer.Steps.Skip(1)), pair => Assert.True(pair.Second.Joules > pair.First.Joules));
        Assert.Equal(own.Energy.Picojoules, longer.Energy.Picojoules, tolerance: 1e-9 * own.Energy.Picojoules);
        Assert.Equal(own.Activity.DeadShare, longer.Activity.DeadShare, precision: 12);
    }

    [Fact]
    public void Who_leaves_at_once_sees_one_step_and_who_never_does_sees_all()
    {
        var analysis = Analyze(new() { MaxTimeSteps = 6 });
        var (first, last) = (analysis.EarlyExit(0)[0], analysis.EarlyExit(1)[0]);
        Assert.Equal((1.0, analysis.Steps[0].Accuracy), (first.MeanTimeSteps, first.Accuracy));
        Assert.Equal((6.0, analysis.Steps[^1].Accuracy), (last.MeanTimeSteps, last.Accuracy));
        Assert.Equal(1, first.Joules / analysis.Steps[0].Joules, precision: 9);
        Assert.Equal(1, last.Joules / analysis.Steps[^1].Joules, precision: 9);
    }

    [Fact]
    public void An_early_exit_is_what_truncated_runs_say()
    {
        const int Longest = 4;
        double[] thresholds = [0.34, 0.36, 0.38, 0.4, 0.43, 0.46, 0.5];
        var exits = Analyze(new() { MaxTimeSteps = Longest }).EarlyExit(thresholds);

        // Slow and obvious: a network of t steps is run for every t, sample by sample.
        using var scope = TorchSharp.torch.NewDisposeScope();
        var model = ((IEnumerable<ITransformer>)dots.Model).OfType<MsVitTransformer>().Single().Model;
        var rows = new AnalyzedRows(model, ((IEnumerable<ITransformer>)dots.Model).First().Transform(dots.Train), new() { BatchSize = 1 });
        var networks = Enumerable.Range(1, Longest).Select(t => new AnalyzedNetwork(model.Network, t, Precision.Float32, model.Device))
            .ToList();
        var (right, steps) = (new int[thresholds.Length], new int[thresholds.Length]);
        foreach (var (sample, labels) in rows.Batches())
        {
            var runs = networks.ConvertAll(network =>
                network.Forward(model.Input(sample.Bytes, sample.Shape, 1), new()).softmax(1).data<float>().ToArray());
            foreach (var (i, threshold) in thresholds.Index())
            {
                var sure = runs.FindIndex(scores => scores.Max() > threshold);
                var last = sure < 0 ? Longest - 1 : sure;
                steps[i] += last + 1;
                right[i] += Array.IndexOf(runs[last], runs[last].Max()) == labels[0] ? 1 : 0;
            }
        }
        networks.ForEach(network => network.Dispose());
        Assert.Equal(right.Select(count => count / 150.0), exits.Select(exit => Math.Round(exit.Accuracy!.Value * 150) / 150));
        Assert.Equal(steps.Select(count => count / 150.0), exits.Select(exit => Math.Round(exit.MeanTimeSteps * 150) / 150));
        Assert.Contains(exits, exit => exit.MeanTimeSteps is > 1.2 and < Longest - 0.2);
    }

    [Fact]
    public void An_estimate_looks_at_no_more_rows_than_asked_for_and_needs_no_label()
    {
        var estimate = _ml.MulticlassClassification.EstimateMsVitEnergy(dots.Model, dots.Train, maxSamples: 40);
        Assert.Equal(40, estimate.Samples);
        Assert.Equal(SynapticOperations.Of(DotTask.Network with { Classes = 3 }).Parameters, estimate.Parameters);
        Assert.InRange(estimate.Joules, 1e-9, estimate.JoulesByValue);
        Assert.InRange(estimate.FiringRate, 0.001, 0.999);
    }

    [Fact]
    public void Rows_are_taken_from_all_over_the_data()
    {
        var chain = (IEnumerable<ITransformer>)dots.Model;
        var model = chain.OfType<MsVitTransformer>().Single().Model;
        var rows = new AnalyzedRows(model, chain.First().Transform(dots.Train), new() { MaxSamples = 10 });
        // Classes take turns, so every 15th row is of the same class; the last row is always taken.
        Assert.Equal([2, 2, 2, 2, 2, 2, 2, 2, 2, 2], rows.Batches().SelectMany(batch => batch.Labels));
    }

    [Fact]
    public void The_text_says_what_is_not_counted_and_that_sums_are_not_spikes()
    {
        var text = Analyze(new() { MaxSamples = 20 }).ToText();
        Assert.Contains("whole numbers", text, StringComparison.Ordinal);
        Assert.All(EnergyReport.Excluded, line => Assert.Contains(line, text, StringComparison.Ordinal));
    }

    [Fact]
    public void A_label_of_other_classes_is_refused() =>
        Assert.Contains("the model's 3 classes", Assert.Throws<ArgumentException>(
            () => Analyze(new() { LabelColumnName = "Number" })).Message, StringComparison.Ordinal);
}
