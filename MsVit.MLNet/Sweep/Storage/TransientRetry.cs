using System.Data.Common;

namespace MsVit.MLNet.Sweep;

/// <summary>Retries an operation while the database is briefly unavailable, such as during a restart or a network outage.</summary>
internal sealed class TransientRetry(ISqlDialect dialect)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    /// <summary>Runs an operation until it succeeds, fails permanently, or times out.</summary>
    /// <param name="operation">An operation that is safe to repeat.</param>
    /// <param name="timeout">How long to retry; null for two minutes.</param>
    /// <exception cref="IOException">The database did not come back.</exception>
    /// <exception cref="InvalidDataException">The file is not a database, or it is damaged.</exception>
    public T Run<T>(Func<T> operation, TimeSpan? timeout = null)
    {
        var clock = TimeProvider.System;
        var end = clock.GetTimestamp() + (long)((timeout ?? TimeSpan.FromMinutes(2)).TotalSeconds * clock.TimestampFrequency);
        for (var pause = FirstPause; ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            try
            {
                return operation();
            }
            catch (DbException e) when (dialect.IsTransient(e) && clock.GetTimestamp() < end)
            {
                // Only the next attempt shows whether the database is back.
                Thread.Sleep(pause);
            }
            catch (DbException e) when (dialect.Explain(e) is { } explained)
            {
                throw explained;
            }
        }
    }
}
