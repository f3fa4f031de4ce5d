namespace MsVit.MLNet;

/// <summary>The rules that a recipe must follow, as sentences.</summary>
internal static class TrainingRecipeRules
{
    public static IEnumerable<string> ValidationErrors(TrainingRecipe recipe) =>
    [
        .. Length(recipe),
        .. Rates(recipe),
        .. Optimization(recipe),
        .. Ranks(recipe),
        .. Ending(recipe),
        .. recipe.Images.ValidationErrors().Select(fault => "Images." + fault),
        .. recipe.Frames.ValidationErrors().Select(fault => "Frames." + fault),
        .. recipe.Teacher?.ValidationErrors().Select(fault => "Teacher." + fault) ?? [],
    ];

    private static IEnumerable<string> Length(TrainingRecipe recipe)
    {
        if (string.IsNullOrWhiteSpace(recipe.Name))
        {
            yield return "Name is empty; it must be a name.";
        }
        if (recipe.MaxEpoch < 1)
        {
            yield return $"MaxEpoch is {recipe.MaxEpoch}; it must be 1 or more.";
        }
        if (recipe.CooldownEpochs < 0)
        {
            yield return $"CooldownEpochs is {recipe.CooldownEpochs}; it must be 0 or more.";
        }
        if (recipe.BatchSize < 1)
        {
            yield return $"BatchSize is {recipe.BatchSize}; it must be 1 or more.";
        }
        if (recipe.MicroBatchSize < 0 || recipe.MicroBatchSize > recipe.BatchSize)
        {
            yield return $"MicroBatchSize is {recipe.MicroBatchSize}; it must be from 1 to BatchSize ({recipe.BatchSize}), or 0 for all.";
        }
    }

    private static IEnumerable<string> Rates(TrainingRecipe recipe)
    {
        if (!(recipe.LearningRate > 0) || !double.IsFinite(recipe.LearningRate))
        {
            yield return $"LearningRate is {recipe.LearningRate}; it must be a finite number above 0.";
        }
        if (recipe.LearningRateBatch < 0)
        {
            yield return $"LearningRateBatch is {recipe.LearningRateBatch}; it must be 1 or more, or 0 to use the rate unchanged.";
        }
        if (!(recipe.MinLearningRate >= 0) || recipe.MinLearningRate > recipe.PeakLearningRate)
        {
            yield return $"MinLearningRate is {recipe.MinLearningRate}; it must be between 0 and the learning rate "
                + $"({recipe.PeakLearningRate}).";
        }
        if (!Enum.IsDefined(recipe.Schedule))
        {
            yield return $"Schedule is {recipe.Schedule}; it must be WarmupCosine, EpochCosine or HalfCosine.";
        }
        if (!(recipe.WarmupEpochs >= 0) || !double.IsFinite(recipe.WarmupEpochs))
        {
            yield return $"WarmupEpochs is {recipe.WarmupEpochs}; it must be 0 or more.";
        }
        if (!(recipe.WarmupLearningRate >= 0) || recipe.WarmupLearningRate > recipe.PeakLearningRate)
        {
            yield return $"WarmupLearningRate is {recipe.WarmupLearningRate}; it must be between 0 and the learning rate "
                + $"({recipe.PeakLearningRate}).";
        }
    }

    private static IEnumerable<string> Optimization(TrainingRecipe recipe)
    {
        if (!(recipe.WeightDecay >= 0) || !double.IsFinite(recipe.WeightDecay))
        {
            yield return $"WeightDecay is {recipe.WeightDecay}; it must be 0 or more.";
        }
        if (!(recipe.LayerDecay is > 0 and <= 1))
        {
            yield return $"LayerDecay is {recipe.LayerDecay}; it must be above 0 and at most 1.";
        }
        if (!(recipe.MaxGradientNorm >= 0) || !double.IsFinite(recipe.MaxGradientNorm))
        {
            yield return $"MaxGradientNorm is {recipe.MaxGradientNorm}; it must be above 0, or 0 for no limit.";
        }
        if (!(recipe.WeightAverageDecay is >= 0 and < 1))
        {
            yield return $"WeightAverageDecay is {recipe.WeightAverageDecay}; it must be 0 or more and below 1.";
        }
        if (!(recipe.LabelSmoothing is >= 0 and < 1))
        {
            yield return $"LabelSmoothing is {recipe.LabelSmoothing}; it must be 0 or more and below 1.";
        }
        if (!Enum.IsDefined(recipe.ClassWeighting))
        {
            yield return $"ClassWeighting is {recipe.ClassWeighting}; it must be None or Balanced.";
        }
        if (!(recipe.StochasticDepth is >= 0 and < 1))
        {
            yield return $"StochasticDepth is {recipe.StochasticDepth}; it must be 0 or more and below 1.";
        }
        if (recipe.FrozenStages < 0)
        {
            yield return $"FrozenStages is {recipe.FrozenStages}; it must be 0 or more.";
        }
        if (!Enum.IsDefined(recipe.HeadStart))
        {
            yield return $"HeadStart is {recipe.HeadStart}; it must be None or Discriminant.";
        }
        if (!Enum.IsDefined(recipe.Precision))
        {
            yield return $"Precision is {recipe.Precision}; it must be Float32, BFloat16 or Float16.";
        }
    }

    private static IEnumerable<string> Ranks(TrainingRecipe recipe)
    {
        if (recipe.LocalSteps < 0)
        {
            yield return $"LocalSteps is {recipe.LocalSteps}; it must be 0 or more.";
        }
        if (recipe.LocalSteps > 1 && recipe.SyncBatchNorm)
        {
            yield return $"SyncBatchNorm is true and LocalSteps is {recipe.LocalSteps}; ranks that take steps of their own cannot share "
                + "statistics. Set SyncBatchNorm to false or LocalSteps to 0.";
        }
        if (!(recipe.OuterLearningRate > 0) || !double.IsFinite(recipe.OuterLearningRate))
        {
            yield return $"OuterLearningRate is {recipe.OuterLearningRate}; it must be a finite number above 0.";
        }
        if (!(recipe.OuterMomentum is >= 0 and < 1))
        {
            yield return $"OuterMomentum is {recipe.OuterMomentum}; it must be 0 or more and below 1.";
        }
    }

    private static IEnumerable<string> Ending(TrainingRecipe recipe)
    {
        if (recipe.Patience < 0)
        {
            yield return $"Patience is {recipe.Patience}; it must be 1 or more epochs, or 0 for none.";
        }
        if (!(recipe.MinImprovement is >= 0 and <= 1))
        {
            yield return $"MinImprovement is {recipe.MinImprovement}; it must be from 0 to 1.";
        }
        if (recipe.MaxSkippedSteps < 0)
        {
            yield return $"MaxSkippedSteps is {recipe.MaxSkippedSteps}; it must be 0 or more.";
        }
        if (recipe.TimeBudget <= TimeSpan.Zero)
        {
            yield return $"TimeBudget is {recipe.TimeBudget}; it must be above zero, or null for none.";
        }
    }
}
