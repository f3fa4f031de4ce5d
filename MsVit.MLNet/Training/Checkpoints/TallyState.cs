namespace MsVit.MLNet;

/// <summary>The sums over an epoch's steps so far.</summary>
/// <param name="Loss">Of the samples' losses.</param>
/// <param name="Right">Samples classified rightly.</param>
/// <param name="Samples">Samples seen.</param>
/// <param name="Seconds">The time that they took.</param>
internal readonly record struct TallyState(double Loss, long Right, long Samples, double Seconds);
