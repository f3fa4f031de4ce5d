using Microsoft.ML.Runtime;
using TorchSharp;
using static System.FormattableString;

namespace MsVit.MLNet;

/// <summary>What a training run writes to ML.NET's log, in order.</summary>
/// <param name="channel">The log; null on all ranks but rank 0.</param>
internal sealed class TrainingLog(IChannel? channel)
{
    // Below this share more workers would not gain anything that one would notice.
    private const double NotableWait = 0.05;

    /// <summary>Warns of something that the user should know.</summary>
    public void Warn(string line) => channel?.Warning(line);

    /// <summary>Announces the ranks, if there are several, the network, the device and the recipe.</summary>
    public void Begin(TrainingTask task, TrainingRecipe recipe, string device, RankGroup ranks)
    {
        if (ranks.Size > 1)
        {
            var hosts = ranks.Hosts.Distinct(StringComparer.Ordinal).Count();
            channel?.Info($"{ranks.Size} ranks on {Counted.Of(hosts, "host")} share out batches of {recipe.BatchSize}: up to "
                + $"{Counted.Of((recipe.BatchSize + ranks.Size - 1) / ranks.Size, "sample")} each.");
        }
        var network = task.Network;
        var passes = recipe.MicroBatchSize > 0 && recipe.MicroBatchSize < recipe.BatchSize ? $" in passes of {recipe.MicroBatchSize}" : "";
        channel?.Info($"Network {network.Name}: {task.Labels.Count} classes, "
            + $"input {network.Channels} x {network.Height} x {network.Width}, "
            + $"{Counted.Of(network.TimeSteps, task.Input.IsFrames ? "frame" : "time step")}; device: {device}.");
        channel?.Info(Invariant(
            $"Recipe {recipe.Name}: batches of {recipe.BatchSize}{passes}, learning rate {recipe.PeakLearningRate:g4}")
            + (recipe.LearningRateBatch > 0 ? Invariant($" ({recipe.LearningRate:g4} for batches of {recipe.LearningRateBatch})") : "")
            + $", {recipe.Precision}.");
    }

    /// <summary>Says how many samples were read, and what was left out.</summary>
    /// <param name="what">The set: training or validation.</param>
    /// <param name="samples">The samples.</param>
    public void Samples(string what, LabeledSamples samples)
    {
        channel?.Info($"Read {Counted.Of(samples.Store.Count, what + " sample")} ({samples.EncodedCount} of them encoded; "
            + $"{samples.Store.SpilledBytes} of {samples.Store.TotalBytes} bytes in files).");
        if (samples.MissingLabels > 0)
        {
            channel?.Warning(Counted.Of(
                samples.MissingLabels, what + " row has no label and is left out.", what + " rows have no label and are left out."));
        }
        if (samples.Unlabeled > 0)
        {
            channel?.Info(Counted.Of(samples.Unlabeled,
                what + " row has no label and learns from the teacher alone.",
                what + " rows have no label and learn from the teacher alone."));
        }
        if (samples.Undecodable > 0)
        {
            channel?.Warning(Counted.Of(samples.Undecodable,
                what + " row could not be read and is left out. ", what + " rows could not be read and are left out. ")
                + $"The first of them: {string.Join("; ", samples.UndecodableRows)}");
        }
    }

    /// <summary>Warns if there is no label to learn from.</summary>
    public void Unlabeled(SampleSet train, TeacherRecipe? teacher)
    {
        if (teacher?.Kind == TeacherKind.Features && train.UnlabeledCount == train.Count)
        {
            channel?.Warning("No training row has a label: the features learn from the teacher, and the head that gives the scores learns "
                + "nothing. Fine-tune the model with labels before it predicts.");
        }
    }

    /// <summary>Estimates the memory, and says what to do if there is not enough.</summary>
    /// <param name="network">The network.</param>
    /// <param name="recipe">The recipe.</param>
    /// <param name="bytesOfSamples">What the samples take.</param>
    /// <param name="device">The network's device.</param>
    /// <param name="ranks">The ranks on this machine.</param>
    public void Memory(MsVitConfig network, TrainingRecipe recipe, long bytesOfSamples, torch.Device device, int ranks)
    {
        var gpu = device.type != DeviceType.CPU;
        var estimate = MemoryEstimate.Of(network, recipe, bytesOfSamples, gpu);
        channel?.Info($"Memory: {estimate}.");
        var available = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / ranks;
        if (!gpu && estimate.Total > available && estimate.Fitting(network, recipe, available) is var (samples, total))
        {
            channel?.Warning($"That is more than the {MemoryEstimate.Size(available)} of this machine{(ranks > 1 ? " for each rank" : "")}"
                + (samples > 0
                    ? $". With Recipe.MicroBatchSize = {samples} it would be about {MemoryEstimate.Size(total)}."
                    : ", even for one sample at a time: choose a smaller network or input, or set Recipe.RecomputeActivations."));
        }
    }

    /// <summary>Warns if most of the time budget was spent before the first step.</summary>
    public void Preparation(TimeSpan taken, TimeSpan? budget)
    {
        if (2 * taken > budget)
        {
            channel?.Warning(Invariant($"Reading the samples took {taken.TotalSeconds:0} s of the time budget of ")
                + Invariant($"{budget.Value.TotalSeconds:0} s. Give Recipe.TimeBudget more time, or read fewer samples."));
        }
    }

    /// <summary>Says that training starts from a trained model.</summary>
    public void StartingModel(string network, bool keepsHead, int frozenStages) => channel?.Info(
        $"Training starts from the weights of a trained {network}{(keepsHead ? "" : ", with a new head for the new classes")}; "
        + $"{Counted.Of(frozenStages, "of its stages is", "of its stages are")} frozen.");

    /// <summary>Says what was chosen for the images.</summary>
    public void Chosen(string line) => channel?.Info(line);

    /// <summary>Says where a new head begins.</summary>
    /// <param name="samples">The samples that it was computed from; 0 if they did not differ.</param>
    public void HeadStart(int samples) => channel?.Info(samples > 0
        ? $"The new head starts from the discriminant of the features of {Counted.Of(samples, "training sample")}."
        : "The new head starts from random weights: the starting model sees no difference between the training samples.");

    /// <summary>Reports an epoch in one line, with only what was measured.</summary>
    public void Epoch(TrainingProgress report, EpochRecord record)
    {
        var validation = double.IsNaN(record.ValidationLoss) ? "" : Invariant(
            $"validation loss {record.ValidationLoss:0.0000}, top-1 {record.ValidationAccuracy:0.0000}, ")
            + Invariant($"top-5 {record.ValidationTop5Accuracy:0.0000}, ");
        var neurons = record.Activity is not { } activity ? "" : Invariant($"firing rate {activity.FiringRate:0.000} ")
            + Invariant($"({activity.DeadShare:0.0%} of the neurons dead, {activity.SaturatedShare:0.0%} saturated), ");
        var teacher = double.IsNaN(record.TeacherLoss) ? "" : Invariant($"teacher's loss {record.TeacherLoss:0.0000}, ");
        channel?.Info(Invariant($"Epoch {report.Epoch} of {report.Epochs}: loss {record.TrainLoss:0.0000}, {teacher}")
            + Invariant($"training top-1 {record.TrainAccuracy:0.0000}, {validation}{neurons}learning rate {record.LearningRate:g3}, ")
            + Invariant($"{record.SamplesPerSecond:0} samples/s, {Clock(report.Remaining)} left.{Waiting(report)}"));
    }

    /// <summary>Says why training ended and which weights the model has.</summary>
    public void End(TrainingOutcome outcome, int validationSamples, EpochChoice choice)
    {
        var early = outcome.Cancelled ? " (earlier than scheduled)" : "";
        var best = Invariant($"the model has the weights of epoch {outcome.BestEpoch}, the best on {validationSamples} ")
            + (choice == EpochChoice.TestSet ? TrainingRecord.TestSamples : "validation samples")
            + Invariant($" (accuracy {outcome.BestValidation.Accuracy:0.0000}).");
        channel?.Info($"Training ended after {Counted.Of(outcome.EpochsDone, "epoch")}{early}; "
            + (validationSamples > 0 ? best : "the model has the weights of the last epoch, as there is no validation set."));
    }

    private static string Waiting(TrainingProgress report) => report.LoaderWaitShare <= NotableWait ? "" : Invariant(
        $" Training waited for samples {100 * report.LoaderWaitShare:0}% of the time: ")
        + "more Workers, SampleStorage.Decoded or smaller images would help.";

    // Hours go on counting after a day.
    private static string Clock(TimeSpan time) => Invariant($"{(long)time.TotalHours:00}:{time:mm\\:ss}");
}
