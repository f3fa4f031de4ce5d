namespace MsVit.MLNet.Sweep;

/// <summary>Asynchronous successive halving: at certain epochs, rungs, only the best of those that got there go on.</summary>
/// <remarks>
/// Li et al., "A System for Massively Parallel Hyperparameter Tuning", MLSys 2020, in the form that stops: rung k is after
/// <paramref name="firstRung"/> x <paramref name="reduction"/>^k epochs, and a trial goes on if it is among the best 1 / <paramref name="reduction"/> there.
/// The first trials at a rung, fewer than <paramref name="reduction"/>, have none to be measured by and go on if none was better.
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
        var reached = others.Where(other => other.Curve.Any(point => point.Epoch >= epoch)).Select(other => Best(other.Curve, epoch)).ToArray();
        var goOn = Math.Max(1, (reached.Length + 1) / reduction);
        return reached.Count(accuracy => accuracy > mine) >= goOn;
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

    private static double Best(IReadOnlyList<TrialEpoch> curve, int epoch) => curve.Where(point => point.Epoch <= epoch).Max(point => point.Accuracy);
}
