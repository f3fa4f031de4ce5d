using MsVit.MLNet.Data;
using MsVit.MLNet.Training.Augmentation;

namespace MsVit.MLNet.Training;

/// <summary>Decides which batches are mixed, and how much.</summary>
/// <param name="recipe">Of event frames; null where nothing is mixed.</param>
/// <param name="seed">Of the draws.</param>
internal sealed class BatchMixing(EventFrameRecipe? recipe, ulong seed)
{
    /// <summary>The weight of a batch's own samples; 1 where it is not mixed. It depends on seed, epoch and step alone.</summary>
    /// <param name="epoch">From 1.</param>
    /// <param name="epochs">How many there will be.</param>
    /// <param name="step">Of the epoch, from 0.</param>
    public double Lambda(int epoch, int epochs, int step)
    {
        if (recipe is null || recipe.MixupProbability == 0 || epoch > recipe.MixupUntil * epochs)
        {
            return 1;
        }
        var random = RandomStream.For(RandomPurpose.Mixing, seed, (ulong)epoch, (ulong)step);
        return FrameMixup.DrawLambda(recipe.MixupAlpha, recipe.MixupProbability, ref random);
    }
}
