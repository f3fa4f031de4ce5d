namespace MsVit.MLNet.Sweep;

/// <summary>Ends trials that promise too little.</summary>
internal interface IPruner
{
    /// <summary>Whether to end a trial after the last epoch of its curve.</summary>
    /// <param name="curve">Of the trial, not empty.</param>
    /// <param name="others">All others of the sweep that did not fail, whatever became of them.</param>
    bool Prunes(IReadOnlyList<TrialEpoch> curve, IReadOnlyList<TrialRecord> others);
}
