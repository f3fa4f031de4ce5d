namespace MsVit.MLNet.Sweep;

/// <summary>Asynchronous successive halving: at certain epochs, called rungs, only the best trials continue.</summary>
/// <remarks>
/// Li et al., "A System for Massively Parallel Hyperparameter Tuning", MLSys 2020, in the stopping variant. Rung k is after
/// <paramref name="firstRung"/> x <paramref name="reduction"/>^k epochs, and a trial continues if it is among the best
/// 1 / <paramref name="reduction"/> that reached the rung. Until <paramref name="reduction"/> trials have reached it, a trial continues
/// unless another was better.
/// </remarks>
internal sealed class SuccessiveHalvingPruner(int firstRung, int reduction) : IPruner
{
    public bool Prunes(IReadOnlyList<TrialEpoch> curve, IReadOnlyList<TrialRecord> others)
    {
        var epoch = curve[^1].Epoch;
        if (!IsRung(epoch))
        {
            return false;
        }
        var mine = Best(curve, epoch);
        var reached = others.Where(other => other.Curve.Any(point => point.Epoch >= epoch))
            .Select(other => Best(other.Curve, epoch))
            .ToArray();
        var promoted = Math.Max(1, (reached.Length + 1) / reduction);
        return reached.Count(accuracy => accuracy > mine) >= promoted;
    }

    private bool IsRung(int epoch)
    {
        var rung = firstRung;
        while (rung < epoch)
        {
            rung *= reduction;
        }
        return rung == epoch;
    }

    private static double Best(IReadOnlyList<TrialEpoch> curve, int epoch) =>
        curve.Where(point => point.Epoch <= epoch).Max(point => point.Accuracy);
}
