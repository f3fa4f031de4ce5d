using static System.FormattableString;

namespace MsVit.MLNet;

/// <summary>How a model was trained; saved with the model.</summary>
internal sealed record TrainingRecord
{
    /// <summary>The recipe.</summary>
    public required TrainingRecipe Recipe { get; init; }

    /// <summary>The seed of the initial weights, the order and the augmentation.</summary>
    public required ulong Seed { get; init; }

    /// <summary>How many samples were trained on.</summary>
    public required int TrainSamples { get; init; }

    /// <summary>How many of them had no label and were learned from a teacher alone.</summary>
    public int UnlabeledSamples { get; init; }

    /// <summary>How many samples chose the best epoch.</summary>
    public required int ValidationSamples { get; init; }

    /// <summary>Whether those were validation samples or the test set.</summary>
    public EpochChoice EpochChoice { get; init; }

    /// <summary>How many epochs were completed.</summary>
    public required int EpochsDone { get; init; }

    /// <summary>The epoch whose weights the model has, from 1.</summary>
    public required int BestEpoch { get; init; }

    /// <summary>The share of the weights that training started from in the final ones, 0 to 1; null if they were not blended.</summary>
    public double? StartShare { get; init; }

    /// <summary>The accuracy on the validation set, 0 to 1; null without one.</summary>
    public required double? ValidationAccuracy { get; init; }

    /// <summary>The version of this library.</summary>
    public required string LibraryVersion { get; init; }

    /// <summary>What texts call the validation samples if they are those of the test set.</summary>
    public const string TestSamples = "samples of the test set, which chose the epoch (the published protocol)";

    /// <summary>The record in one line.</summary>
    public string ToText()
    {
        var samples = Counted.Of(TrainSamples, "sample") + (UnlabeledSamples > 0 ? Invariant($" ({UnlabeledSamples} unlabeled)") : "")
            + (Recipe.Teacher is { } teacher ? $", a teacher of {(teacher.Kind == TeacherKind.Scores ? "scores" : "features")}" : "");
        var blend = StartShare is { } share ? Invariant($", blended with {share:0%} of the starting weights") : "";
        var epochs = Counted.Of(EpochsDone, "epoch");
        var run = Invariant($"recipe {Recipe.Name}, {samples}, {epochs}{blend}, seed {Seed}, library {LibraryVersion}");
        return ValidationAccuracy is { } accuracy
            ? Invariant($"{run}; epoch {BestEpoch} was the best, with accuracy {accuracy:0.0000} on {ValidationSamples} ")
                + (EpochChoice == EpochChoice.TestSet ? TestSamples : "held-out samples")
            : $"{run}; no samples were held out";
    }
}
