using MsVit.MLNet;
using MsVit.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace MsVit.Tests.Training.Steps;

/// <summary>
/// Steps on weighted samples beside steps on repeated samples. AdamW's first moments are a tenth of the gradients; batch norms use fixed
/// statistics, so that a sample's output does not depend on how often others appear.
/// </summary>
public sealed class ExampleWeightTests
{
    private static readonly TrainingRecipe Recipe = DotTask.Recipe with { LabelSmoothing = 0.1 };

    [Fact]
    public void A_sample_of_weight_two_learns_as_the_same_sample_twice() =>
        AssertClose(Gradients([0, 1, 1, 2, 3, 3, 3]), Gradients([0, 1, 2, 3], [1, 2, 1, 3]));

    [Fact]
    public void A_sample_of_weight_zero_does_not_count() =>
        AssertClose(Gradients([0, 2]), Gradients([0, 1, 2, 3], [1, 0, 1, 0]));

    [Fact]
    public void Only_the_ratios_of_the_weights_matter() =>
        AssertClose(Gradients([0, 1, 2], [1, 2, 0.5f]), Gradients([0, 1, 2], [10, 20, 5]));

    [Fact]
    public void Weights_of_classes_and_of_samples_are_multiplied() =>
        AssertClose(
            Gradients([0, 1, 1, 2], classWeights: [1, 3, 0.5]), Gradients([0, 1, 2], [1, 2, 1], classWeights: [1, 3, 0.5]));

    [Fact]
    public void Passes_over_a_weighted_step_add_up_to_the_step() =>
        AssertClose(Gradients([0, 1, 2, 3, 4], [1, 2, 0, 0, 3]), Gradients([0, 1, 2, 3, 4], [1, 2, 0, 0, 3], microBatch: 2));

    [Fact]
    public void A_step_of_which_nothing_counts_has_no_gradient() =>
        Assert.All(Gradients([0, 1], [0, 0]).Values, gradient => Assert.Equal(0, gradient.abs().max().ToDouble()));

    private static Dictionary<string, Tensor> Gradients(
        int[] batch, float[]? weights = null, double[]? classWeights = null, int microBatch = 0)
    {
        var recipe = Recipe with { MicroBatchSize = microBatch };
        using var run = new StepRun(recipe, readsEachStep: true, batch, weights, classWeights);
        run.Network.eval();
        run.Run(1);
        Assert.Null(run.Step.Read().Skipped);
        return run.Step.State().Where(item => item.Key.StartsWith($"{AdamW.Prefix}m/", StringComparison.Ordinal))
            .ToDictionary(item => item.Key, item => item.Value.detach().cpu().clone());
    }

    private static void AssertClose(Dictionary<string, Tensor> expected, Dictionary<string, Tensor> actual)
    {
        Assert.NotEmpty(expected);
        Assert.Contains(expected.Values, gradient => gradient.abs().max().ToDouble() > 1e-4);
        Assert.All(expected, pair =>
        {
            var (difference, scale) = ((pair.Value - actual[pair.Key]).abs().max().ToDouble(), pair.Value.abs().max().ToDouble());
            Assert.True(difference <= 1e-4 * scale + 1e-7, $"{pair.Key}: {difference} beside {scale}");
        });
    }
}
