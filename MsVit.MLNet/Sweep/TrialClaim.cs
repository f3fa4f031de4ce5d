namespace MsVit.MLNet.Sweep;

/// <summary>A worker's hold on a trial. It ends when another worker takes the trial over.</summary>
/// <param name="Sweep">The sweep's id.</param>
/// <param name="Trial">As it was when it was claimed: its curve is what an earlier attempt had reported.</param>
/// <param name="Worker">Who has it.</param>
/// <param name="Attempt">Rises with every claim of this trial; what an older attempt reports is refused.</param>
internal sealed record TrialClaim(long Sweep, TrialRecord Trial, string Worker, int Attempt);
