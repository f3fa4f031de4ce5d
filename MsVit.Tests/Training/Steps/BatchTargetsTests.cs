using MsVit.MLNet;
using MsVit.Tests.Training.Losses;
using TorchSharp;
using static TorchSharp.torch;

namespace MsVit.Tests.Training.Steps;

public sealed class BatchTargetsTests
{
    private const int Samples = 5, Classes = 3;

    private static readonly long[] Labels = [0, 2, 1, 2, 0];
    private static readonly float[] Weights = [1, 2, 0, 0.5f, 3];

    public BatchTargetsTests() => NativeTorch.EnsureLoaded();

    [Theory]
    [InlineData(1)]
    [InlineData(0.7)]
    public void A_weighted_batch_has_the_weighted_mean_of_its_samples_losses_with_weights_mixed_as_the_labels_are(double lambda)
    {
        using var scope = NewDisposeScope();
        var logits = Logits();
        // The target of sample i has its own class with lambda v_i, and that of the mirrored sample with (1 - lambda) v_j.
        var own = nn.functional.one_hot(tensor(Labels), Classes) * tensor(Weights).unsqueeze(1);
        var targets = (own * lambda) + (own.flip(0) * (1 - lambda));
        var expected = -(targets * nn.functional.log_softmax(logits, 1)).sum() / Weights.Sum();
        Assert.Equal(expected.ToDouble(), Loss(logits, lambda, Weights, passes: [5]), 5);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(0.7)]
    public void The_cut_into_passes_does_not_change_a_weighted_loss(double lambda)
    {
        using var scope = NewDisposeScope();
        var logits = Logits();
        Assert.Equal(Loss(logits, lambda, Weights, passes: [5]), Loss(logits, lambda, Weights, passes: [2, 2, 1]), 5);
    }

    [Fact]
    public void Equal_weights_give_the_loss_without_weights()
    {
        using var scope = NewDisposeScope();
        var logits = Logits();
        Assert.Equal(Loss(logits, 0.7, null, passes: [5]), Loss(logits, 0.7, [4, 4, 4, 4, 4], passes: [5]), 5);
        Assert.Equal(SoftTargetLoss.Of(logits, nn.functional.one_hot(tensor(Labels), Classes)).ToDouble(), Loss(logits, 1, null, [5]), 5);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(0.7)]
    public void The_targets_of_a_part_of_the_batch_have_the_weighted_mean_of_its_samples_alone(double lambda)
    {
        using var scope = NewDisposeScope();
        using var loss = new ClassLoss(smoothing: 0);
        using var batch = new SampleBatch(new(1, 1, 1, IsFloat: true), Samples, mix: new(lambda)) { Weights = Weights };
        Labels.CopyTo(batch.Labels, 0);
        var logits = Logits();
        var targets = new BatchTargets(batch, loss, null, CPU, of: (0, 3));
        var sum = Part(0, 2) + Part(2, 1);
        // Samples 0 to 2, and with 1 - lambda the labels and weights of samples 4 to 2.
        var each = nn.functional.log_softmax(logits, 1);
        var own = (each[0, 0] * 1) + (each[1, 2] * 2);
        var mixedIn = (each[0, 0] * 3) + (each[1, 2] * 0.5);
        Assert.Equal(-((own * (lambda / 3)) + (mixedIn * ((1 - lambda) / 3.5))).ToDouble(), sum, 5);

        double Part(int from, int count) =>
            targets.Part(from, count).Loss(logits, logits.narrow(0, from, count)).Sum(weight: 0, scale: 1).ToDouble();
    }

    private static double Loss(Tensor logits, double lambda, float[]? weights, int[] passes)
    {
        using var loss = new ClassLoss(smoothing: 0);
        using var batch = new SampleBatch(new(1, 1, 1, IsFloat: true), Samples, mix: new(lambda)) { Weights = weights };
        Labels.CopyTo(batch.Labels, 0);
        var targets = new BatchTargets(batch, loss, null, CPU);
        var (sum, from) = (0.0, 0);
        foreach (var count in passes)
        {
            var part = targets.Part(from, count).Loss(features: logits, logits.narrow(0, from, count));
            sum += part.Sum(weight: 0, scale: 1).ToDouble();
            from += count;
        }
        return sum;
    }

    private static Tensor Logits() => randn([Samples, Classes], generator: new Generator(1));
}
