using MsVit.MLNet.Network;
using TorchSharp;
using static TorchSharp.torch;

namespace MsVit.MLNet.Training;

/// <summary>How a network does on a set of samples.</summary>
/// <param name="Loss">The mean cross entropy, in nats; NaN for an empty set.</param>
/// <param name="Accuracy">The share classified rightly, 0 to 1; NaN for an empty set.</param>
internal readonly record struct Evaluation(double Loss, double Accuracy)
{
    /// <summary>Runs the network, its batch norms folded as for scoring, over a set.</summary>
    /// <param name="network">[B, C, H, W] to logits [B, classes].</param>
    /// <param name="precision">Of its spikes and currents.</param>
    /// <param name="loader">The samples, not augmented.</param>
    /// <param name="normalization">From pixels to the network's input.</param>
    /// <param name="device">Where the network lies.</param>
    /// <param name="beforeStep">Called before each batch; may throw to stop.</param>
    public static Evaluation Run(
        MsVitNetwork network, Precision precision, BatchLoader loader, PixelNormalization normalization, Device device, Action beforeStep)
    {
        using var folded = network.Folded(precision);
        using var gradientFree = no_grad();
        var (loss, right, count) = (0.0, 0L, 0);
        foreach (var batch in loader.Epoch(0))
        {
            using (batch)
            {
                beforeStep();
                using var scope = NewDisposeScope();
                var logits = folded.Forward(normalization.Apply(batch, device));
                var target = tensor(batch.Labels, device: device);
                loss += nn.functional.cross_entropy(logits, target, reduction: nn.Reduction.Sum).ToDouble();
                right += logits.argmax(1).eq(target).sum().ToInt64();
                count += batch.Count;
            }
        }
        return new(loss / count, (double)right / count);
    }
}
