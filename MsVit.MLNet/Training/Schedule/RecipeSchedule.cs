namespace MsVit.MLNet;

/// <summary>The learning rates that a recipe asks for.</summary>
internal static class RecipeSchedule
{
    /// <summary>The schedule over a number of steps, which a time budget makes smaller than the recipe's epochs.</summary>
    /// <param name="recipe">With the kind and the rates.</param>
    /// <param name="totalSteps">That it spans, the cooldown left out.</param>
    /// <param name="stepsPerEpoch">Of one epoch.</param>
    public static ILearningRateSchedule Of(TrainingRecipe recipe, long totalSteps, int stepsPerEpoch)
    {
        var (peak, epochs) = (recipe.PeakLearningRate, (double)totalSteps / stepsPerEpoch);
        return recipe.Schedule switch
        {
            ScheduleKind.EpochCosine => new EpochCosine(
                peak, recipe.MinLearningRate, recipe.WarmupLearningRate, (int)Math.Round(recipe.WarmupEpochs), Math.Max(1, (int)epochs), stepsPerEpoch),
            ScheduleKind.HalfCosine => new StepHalfCosine(peak, recipe.MinLearningRate, Math.Min(recipe.WarmupEpochs, epochs / 2), epochs, stepsPerEpoch),
            _ => new WarmupCosine(
                peak, recipe.MinLearningRate, Math.Min((long)Math.Round(recipe.WarmupEpochs * stepsPerEpoch), totalSteps - 1), totalSteps),
        };
    }
}

/// <summary>The learning rate as a pure function of the step: a run that is resumed needs nothing else.</summary>
internal interface ILearningRateSchedule
{
    /// <summary>The rate of a step, counted from 0; beyond the end it stays at the minimum.</summary>
    double At(long step);
}
