namespace MsVit.MLNet;

/// <summary>How a rank watches the others.</summary>
public sealed record RankGroupOptions
{
    /// <summary>
    /// How long a rank waits in a call before the late ranks are named. The default is 60 seconds.
    /// </summary>
    public TimeSpan StallNotice { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// How long a rank waits in a call before the job ends: every rank's process exits with code 75, without running any other code.
    /// Null waits forever. The default is 10 minutes.
    /// </summary>
    public TimeSpan? StallLimit { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// Receives lines about ranks that are late and about slow paths, on any thread. The default writes them to standard error.
    /// </summary>
    public Action<string> Notice { get; init; } = Console.Error.WriteLine;
}
