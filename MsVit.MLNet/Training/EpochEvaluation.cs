namespace MsVit.MLNet;

/// <summary>The measurements at the end of an epoch: loss and accuracy on the validation set, and how the neurons fire.</summary>
/// <remarks>
/// Without a validation set, the neurons are observed on some training samples without augmentation, the same ones in every epoch.
/// </remarks>
/// <param name="network">The network.</param>
/// <param name="recipe">Has the batch size and the precision.</param>
/// <param name="settings">Has the sets.</param>
internal sealed class EpochEvaluation(MsVitNetwork network, TrainingRecipe recipe, TrainingSettings settings)
{
    // The cost of a forward pass without gradients relative to a training step on the same sample.
    private const double ShareOfStep = 1.0 / 3;

    private readonly BatchLoader _validation = Loader(settings.Validation, recipe.BatchSize, settings);

    /// <summary>The expected time of an evaluation relative to the training time of an epoch.</summary>
    public double ShareOfEpoch => ShareOfStep * settings.Validation.Count / settings.Train.Count;

    /// <summary>Measures the network in its present state. Loss and accuracies are NaN without a validation set.</summary>
    public Evaluation Run()
    {
        if (!settings.ObserveActivity)
        {
            return Evaluate(_validation, null);
        }
        using var monitor = new FiringRateMonitor(NetworkPlan.Of(network.Config).LevelsByNeurons);
        if (settings.Validation.Count > 0)
        {
            var result = Evaluate(_validation, new(monitor, settings.Validation.Count, recipe.BatchSize));
            return result with { Activity = Activity(monitor) };
        }
        var watched = Spread(settings.Train, ObservedShare.MostSamples);
        Evaluate(Loader(watched, recipe.BatchSize, settings), new(monitor, watched.Count, recipe.BatchSize));
        return Evaluation.None with { Activity = Activity(monitor) };
    }

    // Rank 0, which has observed the first batch, reports for all.
    private NetworkActivity? Activity(FiringRateMonitor monitor)
    {
        monitor.Join(settings.Group, settings.Device);
        return settings.Group.IsFirst ? monitor.Activity() : null;
    }

    private Evaluation Evaluate(BatchLoader loader, ObservedShare? watch) =>
        Evaluation.Run(
            network, recipe.Precision, loader, settings.Normalization, settings.Device, settings.CheckAlive, settings.NewPass(), watch,
            settings.Group);

    private static BatchLoader Loader(SampleSet set, int batchSize, TrainingSettings settings) =>
        new(set, batchSize, null, settings.Seed, settings.Workers);

    private static SampleSet Spread(SampleSet set, int most)
    {
        var every = (set.Count + most - 1) / most;
        return set with { Indices = [.. set.Indices.Where((_, place) => place % every == 0)] };
    }
}
