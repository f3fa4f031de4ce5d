using MsVit.MLNet;
using TorchSharp;
using static TorchSharp.torch;

namespace MsVit.Tests.Training;

public sealed class BatchMixingTests
{
    [Fact]
    public void The_loss_of_a_mixed_batch_is_the_cross_entropy_with_mixed_smoothed_targets()
    {
        NativeTorch.EnsureLoaded();
        float[,] logits = { { 1, 2, 0 }, { 0, -1, 3 }, { 2, 2, 2 } };
        long[] labels = [0, 2, 1];
        const double Lambda = 0.7, Smoothing = 0.1;
        var expected = 0.0;
        for (var i = 0; i < 3; i++)
        {
            var sum = Enumerable.Range(0, 3).Sum(c => Math.Exp(logits[i, c]));
            for (var c = 0; c < 3; c++)
            {
                var target = (Smoothing / 3) + ((1 - Smoothing) * ((c == labels[i] ? Lambda : 0) + (c == labels[2 - i] ? 1 - Lambda : 0)));
                expected -= target * (logits[i, c] - Math.Log(sum)) / 3;
            }
        }
        using var scope = NewDisposeScope();
        using var loss = new ClassLoss(Smoothing);
        Assert.Equal(expected, loss.Of(tensor(logits), tensor(labels), tensor(labels).flip(0), Lambda).ToDouble(), 5);
    }

    [Fact]
    public void Batches_are_mixed_as_often_as_asked_for_up_to_the_given_epoch()
    {
        var shape = new SampleShape(3, 8, 8, IsFloat: false);
        var mixing = new BatchMixing(new Mixing { Probability = 0.5, OffEpoch = 5 }, seed: 3);
        double[] drawn = [.. Enumerable.Range(0, 1000).Select(step => mixing.Draw(5, step, shape).Lambda)];
        Assert.InRange(drawn.Count(lambda => lambda < 1), 440, 560);
        Assert.Equal(drawn, Enumerable.Range(0, 1000).Select(step => mixing.Draw(5, step, shape).Lambda));
        Assert.All(Enumerable.Range(0, 100), step => Assert.Equal(BatchMix.None, mixing.Draw(6, step, shape)));
        Assert.Equal(BatchMix.None, new BatchMixing(null, seed: 3).Draw(1, 0, shape));
    }

    [Fact]
    public void Frames_go_to_the_network_time_first_and_mixed_with_their_mirror_place()
    {
        // [B = 2, T = 2, C = 1, H = 1, W = 2]
        byte[] samples = [1, 2, 3, 4, 10, 20, 30, 40];
        var shape = new SampleShape(1, 1, 2, IsFloat: false) { TimeSteps = 2 };
        using var scope = NewDisposeScope();
        var plain = FrameTensor.Make(samples, 2, shape, CPU);
        Assert.Equal([2, 2, 1, 1, 2], plain.shape);
        Assert.Equal([1, 2, 10, 20, 3, 4, 30, 40], plain.data<float>().ToArray());
        var mixed = FrameTensor.Make(samples, 2, shape, CPU, lambda: 0.5);
        Assert.Equal([5.5f, 11, 5.5f, 11, 16.5f, 22, 16.5f, 22], mixed.data<float>().ToArray());
    }
}
