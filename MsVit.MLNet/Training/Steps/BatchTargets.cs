using TorchSharp;
using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>What the network should answer on a batch, and how much each sample counts: cut into passes together with the input.</summary>
/// <remarks>
/// Without example weights, the loss of a pass is the mean over its samples, and its share of the step is that of its samples. With them,
/// each pass gives its part of the whole batch's weighted mean, so that the cut into passes does not change the loss. A sample without a
/// label has the weight 0 in the loss of the labels, and its own weight in that of the teacher.
/// </remarks>
internal sealed class BatchTargets
{
    private readonly ClassLoss _loss;
    private readonly TeacherLoss? _teacher;
    private readonly Tensor _labels;
    private readonly Tensor? _vectors, _vectorWeights;
    private readonly double _lambda, _total, _mixedInTotal, _vectorTotal;
    private readonly int _count;
    private readonly bool _hasLabels;

    // Of the labels: classes, without gaps; the same mixed in; and the weights, null if all samples count equally.
    private readonly Tensor _classes, _mixedIn;
    private readonly Tensor? _weights, _mixedInWeights;

    /// <param name="batch">The samples. The tensors made of it belong to the caller's dispose scope.</param>
    /// <param name="loss">The loss of the run toward the labels.</param>
    /// <param name="teacher">The loss toward the teacher; null without one.</param>
    /// <param name="device">The network's device.</param>
    /// <param name="of">The samples whose mean loss is taken; null (the default) for the whole batch.</param>
    public BatchTargets(
        SampleBatch batch, ClassLoss loss, TeacherLoss? teacher, Device device, (int First, int End)? of = null)
    {
        (_loss, _teacher, _lambda) = (loss, teacher, batch.Mix.Lambda);
        var (first, end) = of ?? (0, batch.Count);
        var unlabeled = batch.Unlabeled;
        _count = end - first;
        _hasLabels = Own(batch.Labels).Concat(_lambda < 1 ? MixedInto(batch.Labels) : []).Any(label => label != SampleSet.NoLabel);
        _labels = DeviceTransfer.Send(tensor(batch.Labels), device);
        // The weight of class 0 is 0 where it stands for no label.
        long[] classes = unlabeled == 0 ? batch.Labels : [.. batch.Labels.Select(label => Math.Max(0, label))];
        _classes = unlabeled == 0 ? _labels : DeviceTransfer.Send(tensor(classes), device);
        _mixedIn = Mixed(_classes);
        if (WeightsOfLabels(batch, unlabeled) is { } weights)
        {
            _weights = DeviceTransfer.Send(tensor(weights), device);
            _mixedInWeights = Mixed(_weights);
            _total = loss.Total(Own(classes), Own(weights));
            _mixedInTotal = of is null ? _total : loss.Total(MixedInto(classes), MixedInto(weights));
        }
        if (teacher is not null)
        {
            (_vectors, _vectorWeights) = (teacher.Targets(batch), teacher.Weights(batch));
            _vectorTotal = batch.Weights is not { } each ? _count : Sum(Own(each));
            if (of is not null && batch.Weights is { } mirrored)
            {
                _vectorTotal = (_lambda * _vectorTotal) + ((1 - _lambda) * Sum(MixedInto(mirrored)));
            }
            _vectorTotal = _vectorTotal > 0 ? _vectorTotal : 1;
        }

        Tensor Mixed(Tensor own) => _lambda < 1 ? own.flip(0) : own;

        T[] Own<T>(T[] all) => all[first..end];

        // Of the samples that are mixed into these.
        T[] MixedInto<T>(T[] all) => [.. all.Reverse().Take(first..end)];

        static double Sum(float[] values) => values.Sum(value => (double)value);
    }

    /// <summary>The targets of one pass.</summary>
    /// <param name="from">Its first sample.</param>
    /// <param name="count">Its samples.</param>
    public PassTargets Part(int from, int count) => new(this, from, count);

    private static float[]? WeightsOfLabels(SampleBatch batch, int unlabeled) => unlabeled == 0 ? batch.Weights
        : [.. batch.Labels.Select((label, index) => label == SampleSet.NoLabel ? 0 : batch.Weights?[index] ?? 1)];

    /// <summary>The targets of one pass.</summary>
    internal readonly struct PassTargets(BatchTargets all, int from, int count)
    {
        /// <summary>The samples' own labels, [count], int64; <see cref="SampleSet.NoLabel"/> without one.</summary>
        public Tensor Labels => all._labels.narrow(0, from, count);

        /// <summary>The losses of the pass.</summary>
        /// <param name="features">[T, count, C].</param>
        /// <param name="logits">[count, classes].</param>
        public PassLoss Loss(Tensor features, Tensor logits)
        {
            var teacher = all._teacher?.PartOf(features, logits, Part(all._vectors!), Part(all._vectorWeights!), all._vectorTotal);
            if (!all._hasLabels)
            {
                return new(null, 1, teacher);
            }
            if (all._weights is null)
            {
                var share = (double)count / all._count;
                return new(all._loss.Of(logits, Part(all._classes), Part(all._mixedIn), all._lambda), share, teacher);
            }
            var own = Weighted(logits, all._classes, all._weights, all._total);
            if (all._lambda >= 1)
            {
                return new(own, 1, teacher);
            }
            var mixedIn = Weighted(logits, all._mixedIn, all._mixedInWeights!, all._mixedInTotal);
            return new(((TensorExpression)own * all._lambda + (TensorExpression)mixedIn * (1 - all._lambda)).Tensor, 1, teacher);
        }

        private Tensor Part(Tensor whole) => whole.narrow(0, from, count);

        private Tensor Weighted(Tensor logits, Tensor labels, Tensor weights, double total) =>
            all._loss.PartOf(logits, Part(labels), Part(weights), total);
    }
}

/// <summary>The losses of a pass.</summary>
/// <param name="Label">Toward its labels, []; null if no sample of the step has one.</param>
/// <param name="Share">The factor with which that is part of the step's loss.</param>
/// <param name="Teacher">The pass's part of the loss toward the teacher, []; null without one.</param>
internal readonly record struct PassLoss(Tensor? Label, double Share, Tensor? Teacher)
{
    /// <summary>What the pass adds to the step's loss, [].</summary>
    /// <param name="weight">The weight of the teacher's loss.</param>
    /// <param name="scale">A factor for the whole.</param>
    public Tensor Sum(double weight, double scale) =>
        Teacher is null ? Times(Label!, Share * scale)
        : Label is null ? Times(Teacher, weight * scale)
        : Times(Label, Share * scale).Plus(Times(Teacher, weight * scale));

    private static Tensor Times(Tensor loss, double factor)
    {
        using var number = factor.ToScalar();
        return factor == 1 ? loss : loss * number;
    }
}
