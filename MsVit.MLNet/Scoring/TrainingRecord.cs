using System.Globalization;

namespace MsVit.MLNet;

/// <summary>How a model was trained, kept with it.</summary>
internal sealed record TrainingRecord
{
    /// <summary>The recipe.</summary>
    public required TrainingRecipe Recipe { get; init; }

    /// <summary>The seed of weights, order and augmentation.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Samples trained on.</summary>
    public required int TrainSamples { get; init; }

    /// <summary>Samples that chose the best epoch.</summary>
    public required int ValidationSamples { get; init; }

    /// <summary>Whether those were of the test set.</summary>
    public EpochChoice EpochChoice { get; init; }

    /// <summary>Epochs that were trained to their end.</summary>
    public required int EpochsDone { get; init; }

    /// <summary>The epoch whose weights these are, from 1.</summary>
    public required int BestEpoch { get; init; }

    /// <summary>The accuracy on the validation set, 0 to 1; null without one.</summary>
    public required double? ValidationAccuracy { get; init; }

    /// <summary>The version of this library.</summary>
    public required string LibraryVersion { get; init; }

    /// <summary>It in one line.</summary>
    public string ToText() => string.Create(CultureInfo.InvariantCulture, $"recipe {Recipe.Name}, {TrainSamples} samples, {EpochsDone} epochs, seed {Seed}, library {LibraryVersion}; ")
        + (ValidationAccuracy is { } accuracy
            ? string.Create(CultureInfo.InvariantCulture, $"epoch {BestEpoch} was the best, with accuracy {accuracy:0.0000} on {ValidationSamples} {(EpochChoice == EpochChoice.TestSet ? "samples of the test set, on which it was chosen, as published" : "held-out samples")}")
            : "no samples were held out");
}
