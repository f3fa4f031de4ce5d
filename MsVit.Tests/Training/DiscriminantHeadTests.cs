using MsVit.MLNet;
using static TorchSharp.torch;

namespace MsVit.Tests.Training;

/// <summary>A head in closed form, from features that a person can check.</summary>
public sealed class DiscriminantHeadTests
{
    [Fact]
    public void Two_round_clouds_are_separated_halfway_between_their_means()
    {
        using var scope = NewDisposeScope();
        var (features, labels) = Clouds(200, 2, spread: 1, (0, 0), (4, 0));
        var (weight, bias) = DiscriminantHead.Of(features, labels, null, 2)!.Value;
        // The logits are equal where x is 2, whatever y is.
        var difference = (weight[0] - weight[1]).data<double>().ToArray();
        var offset = (bias[0] - bias[1]).item<double>();
        Assert.InRange(-offset / difference[0], 1.8, 2.2);
        Assert.InRange(Math.Abs(difference[1] / difference[0]), 0, 0.15);
        Assert.True(difference[0] < 0);
    }

    [Fact]
    public void A_direction_in_which_the_classes_vary_counts_less()
    {
        using var scope = NewDisposeScope();
        var (features, labels) = Clouds(400, 2, spread: 1, (0, 0), (3, 3));
        features[.., 1] = features[.., 1] * 6;
        var (weight, _) = DiscriminantHead.Of(features, labels, null, 2)!.Value;
        var difference = (weight[0] - weight[1]).abs().data<double>().ToArray();
        Assert.True(difference[0] > 3 * difference[1], $"{difference[0]} and {difference[1]}");
    }

    [Fact]
    public void The_scale_of_the_logits_is_as_sure_as_the_classes_are_apart()
    {
        using var scope = NewDisposeScope();
        var (near, labels) = Clouds(300, 2, spread: 1, (0, 0), (0.5, 0));
        var (far, _) = Clouds(300, 2, spread: 1, (0, 0), (6, 0));
        Assert.InRange(Sureness(near, labels), 0.5, 0.7);
        Assert.InRange(Sureness(far, labels), 0.98, 1);
    }

    [Fact]
    public void A_class_of_twice_the_weight_is_chosen_at_the_old_border()
    {
        using var scope = NewDisposeScope();
        var (features, labels) = Clouds(200, 2, spread: 1, (0, 0), (2, 0));
        var border = tensor([1.0, 0.0]);
        var even = DiscriminantHead.Of(features, labels, null, 2)!.Value;
        var heavy = DiscriminantHead.Of(features, labels, [.. labels.Select(label => label == 1 ? 5f : 1f)], 2)!.Value;
        Assert.True(Margin(heavy) > Margin(even) + 0.5);

        double Margin((Tensor Weight, Tensor Bias) head)
        {
            var logits = head.Weight.matmul(border) + head.Bias;
            return (logits[1] - logits[0]).item<double>();
        }
    }

    [Fact]
    public void More_channels_than_samples_and_a_class_without_samples_give_finite_weights()
    {
        using var scope = NewDisposeScope();
        var generator = new Generator(3);
        var features = randn([6, 50], dtype: float64, generator: generator);
        var (weight, bias) = DiscriminantHead.Of(features, [0, 0, 1, 1, 3, 3], null, 4)!.Value;
        Assert.Equal([4, 50], weight.shape);
        Assert.True(weight.isfinite().all().item<bool>() && bias.isfinite().all().item<bool>());
        var chosen = (features.matmul(weight.t()) + bias).argmax(1).data<long>().ToArray();
        Assert.Equal([0, 0, 1, 1, 3, 3], chosen);
    }

    [Fact]
    public void One_sample_of_each_class_is_enough()
    {
        using var scope = NewDisposeScope();
        var features = eye(3, dtype: float64);
        var (weight, bias) = DiscriminantHead.Of(features, [0, 1, 2], null, 3)!.Value;
        Assert.Equal([0, 1, 2], (features.matmul(weight.t()) + bias).argmax(1).data<long>().ToArray());
    }

    [Fact]
    public void Two_samples_of_each_class_do_not_make_it_too_sure()
    {
        using var scope = NewDisposeScope();
        const int Classes = 10, Channels = 64, Unseen = 20;
        var generator = new Generator(5);
        var centers = randn([Classes, Channels], dtype: float64, generator: generator) * 0.3;
        var (weight, bias) = DiscriminantHead.Of(Samples(2), Labels(2), null, Classes)!.Value;
        var loss = nn.functional.cross_entropy(Samples(Unseen).matmul(weight.t()) + bias, tensor(Labels(Unseen))).item<double>();
        // Better than no knowledge of the classes at all.
        Assert.InRange(loss, 0, Math.Log(Classes));

        Tensor Samples(int each) =>
            centers.repeat([each, 1]) + randn([each * Classes, Channels], dtype: float64, generator: generator);

        long[] Labels(int each) => [.. Enumerable.Range(0, each * Classes).Select(i => (long)(i % Classes))];
    }

    [Fact]
    public void Features_that_are_all_the_same_set_no_head() =>
        Assert.Null(DiscriminantHead.Of(ones([8, 4]), [0, 1, 0, 1, 0, 1, 0, 1], null, 2));

    // The mean probability of the right class.
    private static double Sureness(Tensor features, long[] labels)
    {
        var (weight, bias) = DiscriminantHead.Of(features, labels, null, 2)!.Value;
        var probabilities = (features.matmul(weight.t()) + bias).softmax(1);
        return probabilities.gather(1, tensor(labels).unsqueeze(1)).mean().item<double>();
    }

    private static (Tensor Features, long[] Labels) Clouds(int count, int classes, double spread, params (double X, double Y)[] centers)
    {
        var generator = new Generator(7);
        long[] labels = [.. Enumerable.Range(0, count).Select(i => (long)(i % classes))];
        double[] at = [.. labels.SelectMany(label => new[] { centers[label].X, centers[label].Y })];
        return (randn([count, 2], dtype: float64, generator: generator) * spread + tensor(at).reshape(count, 2), labels);
    }
}
