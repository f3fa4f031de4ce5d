namespace MsVit.MLNet;

/// <summary>What is measured at the end of an epoch: loss and accuracy on the validation set and how the neurons fire.</summary>
/// <remarks>Without a validation set, neurons are watched on some training samples that are not augmented, the same ones in every epoch.</remarks>
/// <param name="network">The network.</param>
/// <param name="recipe">With the batch and the precision.</param>
/// <param name="settings">With the sets.</param>
internal sealed class EpochEvaluation(MsVitNetwork network, TrainingRecipe recipe, TrainingSettings settings)
{
    // What a forward pass without gradients costs, as a share of a training step on the same sample.
    private const double ShareOfStep = 1.0 / 3;

    private readonly BatchLoader _validation = Loader(settings.Validation, recipe.BatchSize, settings);

    /// <summary>What an evaluation is expected to take, as a share of an epoch's training.</summary>
    public double ShareOfEpoch => ShareOfStep * settings.Validation.Count / settings.Train.Count;

    /// <summary>Measures the network as it is now; loss and accuracies are NaN without a validation set.</summary>
    public Evaluation Run()
    {
        if (!settings.ObserveActivity)
        {
            return Evaluate(_validation, null);
        }
        using var monitor = new FiringRateMonitor();
        if (settings.Validation.Count > 0)
        {
            var result = Evaluate(_validation, new(monitor, settings.Validation.Count, recipe.BatchSize));
            return result with { Activity = monitor.Activity() };
        }
        var watched = Spread(settings.Train, ObservedShare.MostSamples);
        Evaluate(Loader(watched, recipe.BatchSize, settings), new(monitor, watched.Count, recipe.BatchSize));
        return Evaluation.None with { Activity = monitor.Activity() };
    }

    private Evaluation Evaluate(BatchLoader loader, ObservedShare? watch) =>
        Evaluation.Run(network, recipe.Precision, loader, settings.Normalization, settings.Device, settings.CheckAlive, watch);

    private static BatchLoader Loader(SampleSet set, int batchSize, TrainingSettings settings) =>
        new(set, batchSize, null, settings.Seed, settings.Workers);

    private static SampleSet Spread(SampleSet set, int most)
    {
        var every = (set.Count + most - 1) / most;
        return set with { Indices = [.. set.Indices.Where((_, place) => place % every == 0)] };
    }
}
