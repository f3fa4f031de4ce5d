using TorchSharp;
using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>How far the network is from its teacher on a batch, with the linear layer that compares their features.</summary>
/// <remarks>
/// With features f, averaged over tokens and time, the teacher's vector t with mean m and deviation d per dimension, logits z, the
/// teacher's probabilities q at temperature H, and example weights v (1 without), the loss of a sample is
/// <code>
/// Features:  1 - cos(W f + b, (t - m) / d)      or    mean smooth_l1(W f + b - (t - m) / d)
/// Scores:    H^2 sum_k q[k] (log q[k] - log softmax(z / H)[k])
/// </code>
/// and that of a batch is sum_b v_b loss_b / sum_b v_b. In a mixed batch (t - m) / d, q and v are mixed like the labels.
/// </remarks>
internal sealed class TeacherLoss : IDisposable
{
    // The logarithm of no probability is below -69.
    private const double LeastProbability = 1e-30;

    private readonly TeacherRecipe _recipe;
    private readonly bool _areProbabilities;
    private readonly Device _device;
    private readonly Tensor? _mean, _deviation;

    /// <param name="recipe">Kind, loss and temperature.</param>
    /// <param name="teacher">About the teacher's vectors.</param>
    /// <param name="features">The width of the network's features.</param>
    /// <param name="seed">Determines the initial weights of the linear layer.</param>
    /// <param name="device">The network's device.</param>
    public TeacherLoss(TeacherRecipe recipe, TeacherStatistics teacher, int features, ulong seed, Device device)
    {
        (_recipe, _areProbabilities, _device) = (recipe, teacher.AreProbabilities, device);
        if (recipe.Kind == TeacherKind.Features)
        {
            Projection = new(features, teacher.Mean.Length, seed);
            _ = Projection.to(device);
            _mean = tensor(teacher.Mean, device: device).DetachFromDisposeScope();
            _deviation = tensor(teacher.Deviation, device: device).DetachFromDisposeScope();
        }
    }

    /// <summary>From the network's features to the teacher's; null for scores.</summary>
    public TeacherProjection? Projection { get; }

    /// <summary>How much this loss counts beside that of the labels.</summary>
    public double Weight => _recipe.Weight;

    /// <summary>What the network should come close to, [B, width].</summary>
    /// <param name="batch">Samples with vectors.</param>
    public Tensor Targets(SampleBatch batch)
    {
        var vectors = DeviceTransfer.Send(tensor(batch.Teacher!).view(batch.Count, -1), _device);
        var targets = _mean is null ? Probabilities(vectors) : vectors.sub(_mean).div(_deviation!);
        return Mixed(targets, batch.Mix.Lambda);
    }

    /// <summary>The weight of each sample, [B].</summary>
    /// <inheritdoc cref="Targets"/>
    public Tensor Weights(SampleBatch batch) =>
        Mixed(DeviceTransfer.Send(tensor(batch.Weights ?? [.. Enumerable.Repeat(1f, batch.Count)]), _device), batch.Mix.Lambda);

    /// <summary>A pass's part of the loss of a batch, []: the parts of all passes add up to it.</summary>
    /// <param name="features">[T, B, C], of these samples.</param>
    /// <param name="logits">[B, classes].</param>
    /// <param name="targets">[B, width].</param>
    /// <param name="weights">[B].</param>
    /// <param name="total">The sum of the weights of the whole batch.</param>
    public Tensor PartOf(Tensor features, Tensor logits, Tensor targets, Tensor weights, double total)
    {
        using var scope = NewDisposeScope();
        var each = Projection is null ? Divergence(logits, targets) : Distance(Projection.call(features), targets);    // [B]
        return scope.MoveToOuter(((TensorExpression)(each * weights).sum() * (1 / total)).Tensor);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Projection?.Dispose();
        _mean?.Dispose();
        _deviation?.Dispose();
    }

    private static Tensor Mixed(Tensor own, double lambda) => lambda >= 1 ? own
        : ((TensorExpression)own * lambda + (TensorExpression)own.flip(0) * (1 - lambda)).Tensor;

    private Tensor Probabilities(Tensor scores)
    {
        TensorExpression own = scores;
        var logits = _areProbabilities ? own.AtLeast(LeastProbability).Log() : own;
        return (logits / _recipe.Temperature).Tensor.softmax(1);
    }

    private Tensor Divergence(Tensor logits, Tensor targets)
    {
        TensorExpression own = ((TensorExpression)logits / _recipe.Temperature).Tensor.log_softmax(1);
        var teacher = ((TensorExpression)targets).AtLeast(LeastProbability).Log();
        var each = (targets * (teacher - own).Tensor).sum(1);
        return ((TensorExpression)each * (_recipe.Temperature * _recipe.Temperature)).Tensor;
    }

    private Tensor Distance(Tensor own, Tensor targets) => _recipe.Loss == FeatureLoss.Cosine
        ? (1 - (TensorExpression)nn.functional.cosine_similarity(own, targets, dim: 1)).Tensor
        : nn.functional.smooth_l1_loss(own, targets, nn.Reduction.None).mean([1]);
}
