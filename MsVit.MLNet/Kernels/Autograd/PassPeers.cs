using static TorchSharp.torch;

namespace MsVit.MLNet.Kernels;

/// <summary>The passes that run at the same time on other ranks, for batch norms that take all of them as one batch.</summary>
/// <remarks>Every rank computes the same layers in the same order, forward and backward, so all of them make the same calls.</remarks>
/// <param name="sum">Replaces each value of a contiguous tensor by its sum over the ranks.</param>
/// <param name="isBlank">
/// Whether this rank has no samples left while others have: it makes the calls of a pass, and nothing of it counts.
/// </param>
internal sealed class PassPeers(Action<Tensor> sum, bool isBlank = false)
{
    /// <summary>Whether nothing of this pass counts.</summary>
    public bool IsBlank => isBlank;

    /// <summary>Replaces each value by its sum over the passes.</summary>
    /// <param name="values">Contiguous, float64.</param>
    public void Sum(Tensor values)
    {
        if (isBlank)
        {
            _ = values.zero_();
        }
        sum(values);
    }

    /// <summary>Replaces each value by its sum over the passes.</summary>
    public void Sum(double[] values)
    {
        using var block = tensor(values);
        Sum(block);
        block.data<double>().ToArray().CopyTo(values, 0);
    }
}
