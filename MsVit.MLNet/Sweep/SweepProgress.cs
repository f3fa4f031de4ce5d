namespace MsVit.MLNet.Sweep;

/// <summary>What happened in a sweep: an epoch of a trial, or its beginning or end.</summary>
/// <param name="Trial">The trial that this worker runs, as it stands.</param>
/// <param name="Epoch">The epoch that ended; null where the trial began or ended.</param>
/// <param name="Finished">Trials of the sweep that have ended, of all workers, as last seen.</param>
/// <param name="Trials">Trials that the sweep is to have.</param>
/// <param name="Best">The best trial so far by the first objective; null before one is complete.</param>
public sealed record SweepProgress(TrialRecord Trial, TrialEpoch? Epoch, int Finished, int Trials, TrialRecord? Best);
