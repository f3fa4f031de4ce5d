namespace MsVit.MLNet;

/// <summary>All that ranks sum in a step: gradients, losses, correct samples.</summary>
/// <remarks>
/// The share of a sample in the loss is 1 / whole batch on every rank, so the sum over ranks is the mean over the batch. From the second
/// step on, sums of gradients begin while the last pass of the step runs backward. Every rank begins the same sums in the same order, also
/// one that has no pass or whose pass has failed.
/// </remarks>
/// <param name="ranks">The ranks.</param>
/// <param name="optimizer">Has the gradients.</param>
/// <param name="joined">Whether the update takes joined gradients.</param>
/// <param name="bucketBytes">The least size of a sum that begins early.</param>
internal sealed class RankSums(RankGroup ranks, AdamW optimizer, bool joined, long bucketBytes) : IDisposable
{
    private readonly List<IRankSum> _begun = [];
    private GradientBlock? _block;

    /// <summary>What the last pass of a step calls when the gradients behind a layer are complete; null for nothing.</summary>
    public Action<int>? Reached => _block is null ? null : BeginBehind;

    /// <summary>Begins a step.</summary>
    public void Clear() => _block?.Clear();

    /// <summary>Whether memory ran out on a rank. Also agrees on which parameters have a gradient.</summary>
    /// <param name="here">Whether it did on this rank.</param>
    /// <returns>The first rank where memory ran out; null if there is none.</returns>
    public int? WithoutMemory(bool here)
    {
        if (ranks.Size == 1)
        {
            return here ? 0 : null;
        }
        BeginBehind(layer: -1);
        double[] facts = [here ? ranks.Size - ranks.Rank : 0, .. optimizer.HaveGradients.Select(has => has ? 1.0 : 0)];
        ranks.Max(facts);
        if (facts[0] > 0)
        {
            End();
            return ranks.Size - (int)facts[0];
        }
        optimizer.NoteGradients([.. facts.Skip(1).Select(has => has > 0)]);
        return null;
    }

    /// <summary>Sums the ranks' passes.</summary>
    /// <param name="sums">The sums of this rank; then those of all.</param>
    /// <returns>The gradients of all, in the caller's scope.</returns>
    public StepGradients Sum(PassSums sums)
    {
        if (_block is null)
        {
            // Which parameters are joined depends on which have a gradient.
            _block = optimizer.Block(joined, bucketBytes);
            BeginBehind(layer: -1);
        }
        sums.Join(ranks, _block.IsFinite);
        End();
        return _block.Gradients();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // After an exception, a sum that has begun may still write to the block.
        if (_begun.Count == 0)
        {
            _block?.Dispose();
        }
    }

    private void BeginBehind(int layer)
    {
        // Some engines only work while they are asked.
        _begun.ForEach(static sum => _ = sum.Poll());
        foreach (var part in _block?.FillBehind(layer) ?? [])
        {
            _begun.Add(ranks.BeginSum(part));
        }
    }

    private void End()
    {
        _begun.ForEach(static sum => sum.Wait());
        _begun.Clear();
    }
}
