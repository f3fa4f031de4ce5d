using MsVit.MLNet;
using TorchSharp;
using static TorchSharp.torch;

namespace MsVit.Tests.Training.Losses;

public sealed class ClassLossTests
{
    private static readonly float[,] Logits = { { 1, 2, 0 }, { 0, -1, 3 }, { 2, 2, 2 }, { -1, 0, 1 } };
    private static readonly long[] Labels = [0, 2, 1, 2];
    private static readonly long[] Mirrored = [2, 1, 2, 0];
    private static readonly double[] Weights = [2, 0.5, 1];

    public ClassLossTests() => NativeTorch.EnsureLoaded();

    [Theory]
    [InlineData(0, false)]
    [InlineData(0.1, false)]
    [InlineData(0, true)]
    [InlineData(0.1, true)]
    public void A_class_of_twice_the_weight_counts_twice(double smoothing, bool weighted)
    {
        using var scope = NewDisposeScope();
        using var loss = new ClassLoss(smoothing, weighted ? Weights : null);
        Assert.Equal(Slow(Labels, smoothing, weighted ? Weights : [1, 1, 1]), loss.Of(tensor(Logits), tensor(Labels)).ToDouble(), 5);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_loss_of_a_mixed_batch_is_the_mixed_loss_of_both_labels(bool weighted)
    {
        using var scope = NewDisposeScope();
        var weights = weighted ? Weights : null;
        using var loss = new ClassLoss(0.1, weights);
        var expected = (0.7 * Slow(Labels, 0.1, weights ?? [1, 1, 1])) + (0.3 * Slow(Mirrored, 0.1, weights ?? [1, 1, 1]));
        Assert.Equal(expected, loss.Of(tensor(Logits), tensor(Labels), tensor(Mirrored), 0.7).ToDouble(), 5);
        Assert.Equal(loss.Of(tensor(Logits), tensor(Labels)).ToDouble(),
            loss.Of(tensor(Logits), tensor(Labels), tensor(Mirrored), 1).ToDouble());
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(0.1, true)]
    public void A_sample_of_weight_two_counts_as_the_same_sample_twice(double smoothing, bool classes)
    {
        using var scope = NewDisposeScope();
        using var loss = new ClassLoss(smoothing, classes ? Weights : null);
        float[] examples = [1, 2, 0, 1];
        var weighted = loss.PartOf(tensor(Logits), tensor(Labels), tensor(examples), loss.Total(Labels, examples));
        long[] repeated = [0, 1, 1, 3];
        var twice = loss.Of(tensor(Logits)[tensor(repeated)], tensor(Labels)[tensor(repeated)]);
        Assert.Equal(twice.ToDouble(), weighted.ToDouble(), 5);
    }

    [Fact]
    public void A_batch_of_which_nothing_counts_has_a_loss_and_a_gradient_of_zero()
    {
        using var scope = NewDisposeScope();
        using var loss = new ClassLoss(0.1);
        var logits = tensor(Logits, requires_grad: true);
        var nothing = loss.PartOf(logits, tensor(Labels), zeros(4), loss.Total(Labels, new float[4]));
        nothing.backward();
        Assert.Equal((0, 0), (nothing.ToDouble(), logits.grad!.abs().sum().ToDouble()));
    }

    [Fact]
    public void A_smoothed_label_is_a_soft_target()
    {
        using var scope = NewDisposeScope();
        using var loss = new ClassLoss(0.3);
        var targets = (nn.functional.one_hot(tensor(Labels), 3) * 0.7) + 0.1;
        Assert.Equal(loss.Of(tensor(Logits), tensor(Labels)).ToDouble(), SoftTargetLoss.Of(tensor(Logits), targets).ToDouble(), 5);
    }

    [Fact]
    public void Balanced_weights_give_every_class_the_same_part_of_all_samples()
    {
        var weights = ClassWeights.Balanced([10, 30, 0, 20]);
        Assert.Equal([2, 2.0 / 3, 1, 1], weights);
    }

    [Theory]
    [InlineData(new double[] { 1, 2 }, "2 class weights are given for 3 classes.")]
    [InlineData(new double[] { 1, -2, 1 }, "The weight of class 1 is -2")]
    [InlineData(new double[] { 1, 1, double.NaN }, "The weight of class 2 is NaN")]
    [InlineData(new double[] { 0, 0, 0 }, "All class weights are 0")]
    public void Weights_that_cannot_be_are_refused_by_class(double[] weights, string fault) =>
        Assert.StartsWith(fault, ClassWeights.Fault(weights, 3), StringComparison.Ordinal);

    [Fact]
    public void Weights_of_which_some_are_zero_are_fine() => Assert.Null(ClassWeights.Fault([0, 1, 2.5], 3));

    // The sum over the samples, class by class.
    private static double Slow(long[] labels, double smoothing, double[] weights)
    {
        var (sum, total) = (0.0, 0.0);
        for (var i = 0; i < labels.Length; i++)
        {
            var norm = Math.Log(Enumerable.Range(0, 3).Sum(k => Math.Exp(Logits[i, k])));
            for (var k = 0; k < 3; k++)
            {
                var target = ((1 - smoothing) * (k == labels[i] ? 1 : 0)) + (smoothing / 3);
                sum -= target * weights[k] * (Logits[i, k] - norm);
            }
            total += weights[labels[i]];
        }
        return sum / total;
    }
}
