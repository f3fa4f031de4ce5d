using static TorchSharp.torch;

namespace MsVit.Tests.Training.Losses;

/// <summary>The cross entropy with targets that are shares of classes, slow and obvious: what smoothed and mixed labels stand
/// for.</summary>
internal static class SoftTargetLoss
{
    /// <summary>-sum_k t[k] log softmax(logits)[k], the mean over the batch, in nats.</summary>
    /// <param name="logits">[B, classes].</param>
    /// <param name="targets">[B, classes]; each row adds up to 1.</param>
    public static Tensor Of(Tensor logits, Tensor targets)
    {
        using var scope = NewDisposeScope();
        return scope.MoveToOuter((targets * nn.functional.log_softmax(logits, dim: 1)).sum(1).mean().neg());
    }
}
