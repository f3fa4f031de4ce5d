using System.Text;
using TorchSharp;
using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>Joins the ranks after each round of local steps: the mean of what they have learned, then the outer step.</summary>
/// <remarks>
/// A rank counts by the samples that it has learned from in the round, so one without samples, or whose steps were all skipped, does not
/// hold the others back. Weights, moments and running statistics are averaged: after a round all ranks hold the same bits, and a
/// checkpoint of rank 0 is one of all. A round whose steps were all skipped on all ranks changes nothing.
/// </remarks>
/// <param name="ranks">The ranks that take steps of their own. If there is only one, or if all take the same steps, one process.</param>
/// <param name="learned">What they learn.</param>
/// <param name="outer">The outer step.</param>
/// <param name="scaler">The loss scale in float16; otherwise null.</param>
internal sealed class LocalRounds(RankGroup ranks, LearnedState learned, OuterOptimizer outer, LossScaler? scaler)
{
    private const int ReasonBytes = 200;

    /// <summary>Ends a round.</summary>
    /// <param name="own">The sums over the steps of this rank.</param>
    /// <param name="steps">The steps of the round.</param>
    /// <param name="passSize">The samples of a pass on this rank.</param>
    /// <returns>The sums over the steps of all ranks, and the least samples of a pass.</returns>
    public (StepSums Sums, int PassSize) Join(StepSums own, int steps, int passSize)
    {
        using var gradientFree = no_grad();
        var all = own;
        if (ranks.Size > 1)
        {
            all = Sum(own);
            passSize = Agree(passSize);
            if (all.Samples > 0)
            {
                Average((double)own.Samples / all.Samples);
            }
        }
        if (all.Samples > 0)
        {
            outer.Step();
            learned.Average?.Update(steps);
        }
        return (all, passSize);
    }

    private StepSums Sum(StepSums own)
    {
        double[] sums = [own.Loss, own.Right, own.Samples, own.Unlabeled, own.Teacher, own.Skipped?.Count ?? 0];
        ranks.Sum(sums);
        var skipped = sums[5] > 0 ? FirstSkipped(own.Skipped) with { Count = (int)sums[5] } : null;
        return new(sums[0], (long)sums[1], (long)sums[2], skipped, (long)sums[3], sums[4]);
    }

    // The skipped steps of the first rank that has any.
    private SkippedSteps FirstSkipped(SkippedSteps? own)
    {
        double[] first = [own is null ? 0 : ranks.Size - ranks.Rank];
        ranks.Max(first);
        var rank = ranks.Size - (int)first[0];
        var facts = new double[1 + ReasonBytes];
        if (rank == ranks.Rank)
        {
            facts[0] = own!.First;
            foreach (var (i, value) in Encoding.ASCII.GetBytes(own.Reason).Take(ReasonBytes).Index())
            {
                facts[1 + i] = value;
            }
        }
        ranks.Sum(facts);
        var reason = Encoding.ASCII.GetString([.. facts.Skip(1).TakeWhile(value => value > 0).Select(value => (byte)value)]);
        return new(1, (long)facts[0], $"{reason} on {ranks.Name(rank)}");
    }

    // Counts: the largest. The loss scale and the samples of a pass: the smallest, which all ranks can bear.
    private int Agree(int passSize)
    {
        Tensor[] counts = [.. learned.Network.buffers().Where(buffer => !buffer.is_floating_point())];
        double[] values =
        [
            -passSize,
            -(scaler?.State.Scale ?? 0),
            -(scaler?.State.FiniteSteps ?? 0),
            learned.Optimizer.Steps,
            .. counts.Select(count => (double)count.Count()),
        ];
        ranks.Max(values);
        if (scaler is not null)
        {
            scaler.State = new(-values[1], (int)-values[2]);
        }
        learned.Optimizer.Steps = (long)values[3];
        foreach (var (i, count) in counts.Index())
        {
            using var value = ((long)values[4 + i]).ToScalar();
            _ = count.fill_(value);
        }
        return (int)-values[0];
    }

    private void Average(double share)
    {
        var parameters = learned.Optimizer.Learned;
        Average([.. parameters.Select(item => item.Parameter)], share);
        Average([.. parameters.Select(item => item.Mean)], share);
        Average([.. parameters.Select(item => item.Square)], share);
        Average([.. learned.Network.buffers().Where(buffer => buffer.is_floating_point())], share);
    }

    private void Average(Tensor[] tensors, double share)
    {
        using var scope = NewDisposeScope();
        Tensor all = (TensorExpression)cat([.. tensors.Select(own => own.detach().reshape(-1))]) * share;
        ranks.Sum(all);
        var from = 0L;
        foreach (var own in tensors)
        {
            _ = own.copy_(all.narrow(0, from, own.numel()).view(own.shape));
            from += own.numel();
        }
    }
}
