namespace MsVit.MLNet.Sweep;

/// <summary>Ends a trial whose best accuracy so far is below the median of what the other trials had reached by the same epoch.</summary>
/// <remarks>
/// Golovin et al., "Google Vizier: A Service for Black-Box Optimization", KDD 2017, section 3.2, with the best value instead of the mean.
/// </remarks>
internal sealed class MedianPruner(int warmupEpochs, int startupTrials) : IPruner
{
    public bool Prunes(IReadOnlyList<TrialEpoch> curve, IReadOnlyList<TrialRecord> others)
    {
        var epoch = curve[^1].Epoch;
        if (epoch <= warmupEpochs || others.Count(other => other.State is TrialState.Completed) < startupTrials)
        {
            return false;
        }
        var reached = others.Where(other => other.Curve.Any(point => point.Epoch >= epoch))
            .Select(other => other.Curve.Where(point => point.Epoch <= epoch).Max(point => point.Accuracy)).Order().ToArray();
        if (reached.Length < startupTrials)
        {
            return false;
        }
        var median = (reached[(reached.Length - 1) / 2] + reached[reached.Length / 2]) / 2;
        return curve.Max(point => point.Accuracy) < median;
    }
}
