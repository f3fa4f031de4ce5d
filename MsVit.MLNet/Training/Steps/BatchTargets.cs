using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>What the network should answer on a batch, and how much each sample counts: cut into passes together with the input.</summary>
/// <remarks>
/// Without example weights, the loss of a pass is the mean over its samples, and its share of the step is that of its samples. With them,
/// each pass gives its part of the whole batch's weighted mean, so that the cut into passes does not change the loss.
/// </remarks>
internal sealed class BatchTargets
{
    private readonly ClassLoss _loss;
    private readonly Tensor _labels, _mixedIn;
    private readonly Tensor? _weights, _mixedInWeights;
    private readonly double _lambda, _total;

    /// <param name="batch">The samples. The tensors made of it belong to the caller's dispose scope.</param>
    /// <param name="loss">The loss of the run.</param>
    /// <param name="device">The network's device.</param>
    public BatchTargets(SampleBatch batch, ClassLoss loss, Device device)
    {
        (_loss, _lambda) = (loss, batch.Mix.Lambda);
        _labels = DeviceTransfer.Send(tensor(batch.Labels), device);
        _mixedIn = Mixed(_labels);
        if (batch.Weights is not { } weights)
        {
            return;
        }
        _weights = DeviceTransfer.Send(tensor(weights), device);
        _mixedInWeights = Mixed(_weights);
        _total = loss.Total(batch.Labels, weights);

        Tensor Mixed(Tensor own) => _lambda < 1 ? own.flip(0) : own;
    }

    /// <summary>The targets of one pass.</summary>
    /// <param name="from">Its first sample.</param>
    /// <param name="count">Its samples.</param>
    public PassTargets Part(int from, int count) => new(this, from, count);

    /// <summary>The targets of one pass.</summary>
    internal readonly struct PassTargets(BatchTargets all, int from, int count)
    {
        /// <summary>The samples' own labels, [count], int64.</summary>
        public Tensor Labels => all._labels.narrow(0, from, count);

        /// <summary>The loss of the pass, and the factor with which it is part of the step's loss.</summary>
        /// <param name="logits">[count, classes].</param>
        public (Tensor Loss, double Share) Loss(Tensor logits)
        {
            if (all._weights is null)
            {
                var share = (double)count / all._labels.shape[0];
                return (all._loss.Of(logits, Labels, all._mixedIn.narrow(0, from, count), all._lambda), share);
            }
            var own = Weighted(logits, all._labels, all._weights);
            return all._lambda >= 1 ? (own, 1)
                : (((TensorExpression)own * all._lambda
                    + (TensorExpression)Weighted(logits, all._mixedIn, all._mixedInWeights!) * (1 - all._lambda)).Tensor, 1);
        }

        private Tensor Weighted(Tensor logits, Tensor labels, Tensor weights) => all._loss.PartOf(
            logits, labels.narrow(0, from, count), weights.narrow(0, from, count), all._total);
    }
}
