using MsVit.MLNet.Kernels;
using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>The result of a network on a set of samples.</summary>
/// <param name="Loss">The mean cross entropy, in nats; NaN for an empty set.</param>
/// <param name="Accuracy">The share classified correctly (top-1), 0 to 1; NaN for an empty set.</param>
internal readonly record struct Evaluation(double Loss, double Accuracy)
{
    private const int TopClasses = 5;

    /// <summary>The result for an empty set.</summary>
    public static Evaluation None { get; } = new(double.NaN, double.NaN) { Top5 = double.NaN };

    /// <summary>The share whose class is among the five most likely, 0 to 1: 1 with five classes or fewer, NaN for an empty set.</summary>
    public double Top5 { get; init; }

    /// <summary>How the neurons fired; null if this was not observed.</summary>
    public NetworkActivity? Activity { get; init; }

    /// <summary>Runs a network over a set, with its batch norms folded as in scoring.</summary>
    /// <param name="network">The network: [B, C, H, W] to logits [B, classes].</param>
    /// <param name="precision">The type of its spikes and currents.</param>
    /// <param name="loader">The samples, without augmentation.</param>
    /// <param name="normalization">From pixels to the network's input.</param>
    /// <param name="device">The network's device.</param>
    /// <param name="beforeStep">Called before each batch; it may throw to stop.</param>
    /// <param name="pass">The pass of every batch. The default uses our own kernels.</param>
    /// <param name="watch">Observes some of the batches; null (the default) for none.</param>
    /// <param name="group">The ranks, which share out the batches; one process by default. All get the same result.</param>
    public static Evaluation Run(
        MsVitNetwork network, Precision precision, BatchLoader loader, PixelNormalization normalization, Device device, Action beforeStep,
        Pass? pass = null, ObservedShare? watch = null, RankGroup? group = null)
    {
        if (loader.BatchesPerEpoch == 0)
        {
            return None;
        }
        using var folded = network.Folded(precision, pass);
        using var gradientFree = no_grad();
        var ranks = group ?? RankGroup.Alone;
        var (index, end) = ranks.Share(loader.BatchesPerEpoch, ranks.Rank);
        for (var i = 0; i < index; i++)
        {
            watch?.Skip(loader.CountOf(i));
        }
        // Loss, right and right in the top 5 of each batch, [batches, 3]. Read once, at the end: reading waits for a GPU.
        using var sums = zeros([loader.BatchesPerEpoch, 3], dtype: float64, device: device);
        foreach (var batch in loader.Epoch(0, index, end))
        {
            using (batch)
            {
                beforeStep();
                using var scope = NewDisposeScope();
                var input = batch.ToInput(normalization, device);
                var logits = watch?.NextObserver(batch.Count) is { } observer ? folded.Forward(input, observer) : folded.Forward(input);
                var target = DeviceTransfer.Send(tensor(batch.Labels), device);
                var loss = nn.functional.cross_entropy(
                    logits, target, ignore_index: SampleSet.NoLabel, reduction: nn.Reduction.Sum);
                var right = logits.argmax(1).eq(target).sum();
                _ = sums[index++].copy_(stack([loss.to(float64), right.to(float64), CountInTop5(logits, target).to(float64)]));
            }
        }
        using var read = sums.cpu();
        var values = read.data<double>().ToArray();
        ranks.Sum(values);
        // Added up in the order of the batches, the sums do not depend on the number of ranks.
        var (count, all) = (0, new double[3]);
        for (var i = 0; i < values.Length; i++)
        {
            all[i % 3] += values[i];
            count += i % 3 == 0 ? loader.CountOf(i / 3) : 0;
        }
        return new(all[0] / count, all[1] / count) { Top5 = all[2] / count };
    }

    /// <summary>
    /// How many targets [B] are among the five largest logits [B, classes] of their row, []; all of them with five classes or fewer.
    /// </summary>
    public static Tensor CountInTop5(Tensor logits, Tensor target)
    {
        using var scope = NewDisposeScope();
        var (_, classes) = logits.topk((int)Math.Min(TopClasses, logits.shape[1]), 1);
        return scope.MoveToOuter(classes.eq(target.unsqueeze(1)).sum());
    }
}
