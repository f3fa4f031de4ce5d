using System.Data.Common;

namespace MsVit.MLNet.Sweep;

/// <summary>Tries an operation again while the database is away for a moment: it restarts, or the network is down.</summary>
internal sealed class PassingFaults(ISqlDialect dialect)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    /// <summary>Runs it until it succeeds, fails for good, or patience is at its end.</summary>
    /// <param name="operation">Safe to run twice.</param>
    /// <param name="patience">Two minutes if not given.</param>
    /// <exception cref="IOException">The database did not come back.</exception>
    /// <exception cref="InvalidDataException">It is none, or damaged.</exception>
    public T Try<T>(Func<T> operation, TimeSpan? patience = null)
    {
        var end = TimeProvider.System.GetTimestamp() + (long)((patience ?? TimeSpan.FromMinutes(2)).TotalSeconds * TimeProvider.System.TimestampFrequency);
        for (var pause = FirstPause; ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            try
            {
                return operation();
            }
            catch (DbException e) when (dialect.IsPassing(e) && TimeProvider.System.GetTimestamp() < end)
            {
                // The condition is the next try.
                Thread.Sleep(pause);
            }
            catch (DbException e) when (dialect.Explain(e) is { } explained)
            {
                throw explained;
            }
        }
    }
}
