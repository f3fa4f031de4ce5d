using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>How a network does on a set of samples.</summary>
/// <param name="Loss">The mean cross entropy, in nats; NaN for an empty set.</param>
/// <param name="Accuracy">The share classified rightly (top-1), 0 to 1; NaN for an empty set.</param>
internal readonly record struct Evaluation(double Loss, double Accuracy)
{
    private const int Likeliest = 5;

    /// <summary>Of no samples.</summary>
    public static Evaluation None { get; } = new(double.NaN, double.NaN) { Top5 = double.NaN };

    /// <summary>The share whose class is among the five likeliest, 0 to 1: 1 for five classes or fewer, NaN for an empty set.</summary>
    public double Top5 { get; init; }

    /// <summary>How the neurons fired; null where nobody looked.</summary>
    public NetworkActivity? Activity { get; init; }

    /// <summary>Runs the network, its batch norms folded as for scoring, over a set.</summary>
    /// <param name="network">[B, C, H, W] to logits [B, classes].</param>
    /// <param name="precision">Of its spikes and currents.</param>
    /// <param name="loader">The samples, not augmented.</param>
    /// <param name="normalization">From pixels to the network's input.</param>
    /// <param name="device">Where the network lies.</param>
    /// <param name="beforeStep">Called before each batch; may throw to stop.</param>
    /// <param name="watch">Who looks on at which batches. The default is nobody.</param>
    public static Evaluation Run(
        MsVitNetwork network, Precision precision, BatchLoader loader, PixelNormalization normalization, Device device, Action beforeStep,
        ObservedShare? watch = null)
    {
        if (loader.BatchesPerEpoch == 0)
        {
            return None;
        }
        using var folded = network.Folded(precision);
        using var gradientFree = no_grad();
        // Read once, in the end: a GPU would be waited for at each batch.
        using var sums = zeros([3], dtype: float64, device: device);
        var count = 0;
        foreach (var batch in loader.Epoch(0))
        {
            using (batch)
            {
                beforeStep();
                using var scope = NewDisposeScope();
                var input = batch.ToInput(normalization, device);
                var logits = watch?.Next(batch.Count) is { } observer ? folded.Forward(input, observer) : folded.Forward(input);
                var target = DeviceTransfer.Send(tensor(batch.Labels), device);
                var loss = nn.functional.cross_entropy(logits, target, reduction: nn.Reduction.Sum);
                var right = logits.argmax(1).eq(target).sum();
                _ = sums.AddInPlace(stack([loss.to(float64), right.to(float64), AmongLikeliest(logits, target).to(float64)]));
                count += batch.Count;
            }
        }
        using var read = sums.cpu();
        var values = read.data<double>().ToArray();
        return new(values[0] / count, values[1] / count) { Top5 = values[2] / count };
    }

    /// <summary>How many targets [B] are among the five largest logits [B, classes] of their row, []; all, where there are no more classes.</summary>
    public static Tensor AmongLikeliest(Tensor logits, Tensor target)
    {
        using var scope = NewDisposeScope();
        var (_, classes) = logits.topk((int)Math.Min(Likeliest, logits.shape[1]), 1);
        return scope.MoveToOuter(classes.eq(target.unsqueeze(1)).sum());
    }
}
