using MsVit.MLNet.Data;
using MsVit.MLNet.Training.Augmentation;
using static TorchSharp.torch;

namespace MsVit.MLNet.Training;

/// <summary>Decides which batches are mixed, and how much, and what a mixed batch is taught.</summary>
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

    /// <summary>The mean cross entropy with smoothed targets, mixed like the samples.</summary>
    /// <remarks>
    /// The cross entropy is linear in the targets, so with y' the labels in mirrored order, that of lambda y + (1 - lambda) y' is lambda CE(y) +
    /// (1 - lambda) CE(y').
    /// </remarks>
    /// <param name="logits">[B, classes].</param>
    /// <param name="own">[B], the samples' labels.</param>
    /// <param name="other">[B], the labels of the samples that were mixed in.</param>
    /// <param name="lambda">The weight of the own labels.</param>
    /// <param name="smoothing">The share of a target spread over all classes.</param>
    public static Tensor Loss(Tensor logits, Tensor own, Tensor other, double lambda, double smoothing)
    {
        var loss = nn.functional.cross_entropy(logits, own, label_smoothing: smoothing);
        return lambda < 1 ? (loss * lambda) + (nn.functional.cross_entropy(logits, other, label_smoothing: smoothing) * (1 - lambda)) : loss;
    }
}
