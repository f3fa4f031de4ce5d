using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>The cross entropy for training, with label smoothing, class weights and mixed batches.</summary>
/// <remarks>
/// With p = log softmax(logits), smoothing s, K classes and weights w (1 without), over the samples b of a batch:
/// <code>
/// loss = -sum_b ((1 - s) w[y_b] p_b[y_b] + s / K sum_k w[k] p_b[k]) / sum_b w[y_b]
/// </code>
/// as in torch. It is linear in the targets, so the loss of a batch mixed with lambda is lambda loss(y) + (1 - lambda) loss(y').
/// </remarks>
internal sealed class ClassLoss : IDisposable
{
    private readonly double _smoothing;
    private readonly Tensor? _weights;

    /// <param name="smoothing">s, 0 to below 1.</param>
    /// <param name="weights">w, one per class, each 0 or more; null (the default) for none.</param>
    /// <param name="device">The device of the logits; the CPU by default.</param>
    public ClassLoss(double smoothing, IReadOnlyList<double>? weights = null, Device? device = null)
    {
        _smoothing = smoothing;
        _weights = weights is null ? null
            : tensor(weights.Select(weight => (float)weight).ToArray(), device: device ?? CPU).DetachFromDisposeScope();
    }

    /// <summary>The loss of a batch, in nats.</summary>
    /// <param name="logits">[B, classes].</param>
    /// <param name="labels">[B], int64.</param>
    public Tensor Of(Tensor logits, Tensor labels) =>
        nn.functional.cross_entropy(logits, labels, weight: _weights, label_smoothing: _smoothing);

    /// <summary>The loss of a mixed batch.</summary>
    /// <param name="logits">[B, classes].</param>
    /// <param name="labels">[B], int64.</param>
    /// <param name="others">[B], int64: the labels of the samples that were mixed in.</param>
    /// <param name="lambda">The weight of a sample's own label, 0 to 1.</param>
    public Tensor Of(Tensor logits, Tensor labels, Tensor others, double lambda)
    {
        if (lambda >= 1)
        {
            return Of(logits, labels);
        }
        using var scope = NewDisposeScope();
        return scope.MoveToOuter(((TensorExpression)Of(logits, labels) * lambda
            + (TensorExpression)Of(logits, others) * (1 - lambda)).Tensor);
    }

    /// <inheritdoc/>
    public void Dispose() => _weights?.Dispose();
}
