using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>The cross entropy for training, with label smoothing, class weights and mixed batches.</summary>
/// <remarks>
/// With p = log softmax(logits), smoothing s, K classes and weights w (1 without), over the samples b of a batch:
/// <code>
/// loss = -sum_b ((1 - s) w[y_b] p_b[y_b] + s / K sum_k w[k] p_b[k]) / sum_b w[y_b]
/// </code>
/// as in torch. It is linear in the targets, so the loss of a batch mixed with lambda is lambda loss(y) + (1 - lambda) loss(y'). With
/// example weights v_b, each term of both sums is multiplied by v_b: a sample of weight 2 counts like the same sample twice.
/// </remarks>
internal sealed class ClassLoss : IDisposable
{
    private readonly double _smoothing;
    private readonly IReadOnlyList<double>? _classes;
    private readonly Tensor? _weights;

    /// <param name="smoothing">s, 0 to below 1.</param>
    /// <param name="weights">w, one per class, each 0 or more; null (the default) for none.</param>
    /// <param name="device">The device of the logits; the CPU by default.</param>
    public ClassLoss(double smoothing, IReadOnlyList<double>? weights = null, Device? device = null)
    {
        (_smoothing, _classes) = (smoothing, weights);
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

    /// <summary>A pass's part of the loss of a batch with example weights: the parts of all passes add up to it.</summary>
    /// <param name="logits">[B, classes].</param>
    /// <param name="labels">[B], int64.</param>
    /// <param name="examples">v, [B]: the weights of these samples.</param>
    /// <param name="total">The weight of the whole batch: <see cref="Total"/>.</param>
    public Tensor PartOf(Tensor logits, Tensor labels, Tensor examples, double total)
    {
        using var scope = NewDisposeScope();
        var each = nn.functional.cross_entropy(
            logits, labels, weight: _weights, reduction: nn.Reduction.None, label_smoothing: _smoothing);
        return scope.MoveToOuter(((TensorExpression)(each * examples).sum() * (1 / total)).Tensor);
    }

    /// <summary>The sum over a batch of v_b w[y_b], by which its loss is divided; 1 if it is 0, as nothing counts then.</summary>
    /// <param name="labels">y, [B].</param>
    /// <param name="examples">v, [B].</param>
    public double Total(ReadOnlySpan<long> labels, ReadOnlySpan<float> examples)
    {
        var total = 0.0;
        for (var i = 0; i < labels.Length; i++)
        {
            total += examples[i] * (_classes is null ? 1 : _classes[(int)labels[i]]);
        }
        return total > 0 ? total : 1;
    }

    /// <inheritdoc/>
    public void Dispose() => _weights?.Dispose();
}
