namespace MsVit.MLNet.Sweep;

/// <summary>Ends unpromising trials early.</summary>
internal interface IPruner
{
    /// <summary>Whether to end a trial after the last epoch of its curve.</summary>
    /// <param name="curve">The trial's epochs, at least one.</param>
    /// <param name="others">All other trials of the sweep except failed ones, in any state.</param>
    bool Prunes(IReadOnlyList<TrialEpoch> curve, IReadOnlyList<TrialRecord> others);
}
