namespace MsVit.MLNet;

/// <summary>Where the time of an epoch's batches went.</summary>
/// <param name="Elapsed">From the first batch asked for to now, or to the epoch's end.</param>
/// <param name="Waited">The part of it in which the consumer waited for a batch.</param>
/// <param name="Busy">The time in which batches were made, added up over the workers.</param>
internal readonly record struct LoaderTimes(TimeSpan Elapsed, TimeSpan Waited, TimeSpan Busy)
{
    /// <summary>The share of the time in which the consumer waited, 0 to 1.</summary>
    public double WaitShare => Elapsed > TimeSpan.Zero ? Waited / Elapsed : 0;
}
