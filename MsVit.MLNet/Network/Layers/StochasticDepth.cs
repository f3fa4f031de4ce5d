using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>Drops the branches of a block for some samples of a batch in training.</summary>
/// <remarks>
/// Block i of n drops each of its two branches with probability p i / (n - 1), for a sample at all time steps, and divides what it
/// keeps by the probability of keeping, so the mean is unchanged. Huang et al., "Deep Networks with Stochastic Depth", ECCV 2016. The
/// reference code computes these probabilities but never applies them; the paper says that they are applied.
/// </remarks>
/// <param name="rate">p, the rate of the last block, above 0 and below 1.</param>
/// <param name="draw">Draws, for the number of a branch and a batch size, that many uniform numbers in [0, 1).</param>
internal sealed class StochasticDepth(double rate, Func<int, int, float[]> draw)
{
    /// <summary>The branches of a block: attention and MLP.</summary>
    public const int Branches = 2;

    /// <summary>The factors for the spikes of a branch: 0 or 1/keep for each sample; null if all are kept.</summary>
    /// <param name="block">The index of the block.</param>
    /// <param name="blocks">The number of blocks in the network.</param>
    /// <param name="branch">0 or 1.</param>
    /// <param name="like">The block's input [T, B, C, H, W].</param>
    /// <returns>[1, B, 1, 1, 1], with the type and device of the input.</returns>
    public Tensor? Gate(int block, int blocks, int branch, Tensor like)
    {
        var dropped = blocks > 1 ? rate * block / (blocks - 1) : rate;
        if (dropped == 0)
        {
            return null;
        }
        var kept = (float)(1 / (1 - dropped));
        var samples = (int)like.shape[1];
        var gates = draw((block * Branches) + branch, samples).Select(u => u < dropped ? 0 : kept).ToArray();
        using var scope = NewDisposeScope();
        return scope.MoveToOuter(DeviceTransfer.Send(tensor(gates, dtype: like.dtype), like.device).view(1, samples, 1, 1, 1));
    }
}
