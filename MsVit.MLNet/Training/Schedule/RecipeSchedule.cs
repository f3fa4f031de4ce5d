namespace MsVit.MLNet;

/// <summary>The learning rates of a recipe.</summary>
internal static class RecipeSchedule
{
    /// <summary>The schedule over a number of steps, which is smaller than the recipe's epochs if a time budget shortens the run.</summary>
    /// <param name="recipe">The kind of schedule and its rates.</param>
    /// <param name="totalSteps">The steps that the schedule spans, without the cooldown.</param>
    /// <param name="stepsPerEpoch">Steps per epoch.</param>
    public static ILearningRateSchedule Of(TrainingRecipe recipe, long totalSteps, int stepsPerEpoch)
    {
        var (peak, epochs) = (recipe.PeakLearningRate, (double)totalSteps / stepsPerEpoch);
        return recipe.Schedule switch
        {
            ScheduleKind.EpochCosine => new EpochCosine(
                peak, recipe.MinLearningRate, recipe.WarmupLearningRate,
                (int)Math.Round(recipe.WarmupEpochs), Math.Max(1, (int)epochs), stepsPerEpoch),
            ScheduleKind.HalfCosine => new StepHalfCosine(
                peak, recipe.MinLearningRate, Math.Min(recipe.WarmupEpochs, epochs / 2), epochs, stepsPerEpoch),
            _ => new WarmupCosine(
                peak, recipe.MinLearningRate, Math.Min((long)Math.Round(recipe.WarmupEpochs * stepsPerEpoch), totalSteps - 1), totalSteps),
        };
    }
}

/// <summary>The learning rate as a pure function of the step, so that a resumed run needs nothing else.</summary>
internal interface ILearningRateSchedule
{
    /// <summary>The rate of a step, counted from 0. After the end of the schedule it stays at the minimum.</summary>
    double At(long step);
}
