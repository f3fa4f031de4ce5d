namespace MsVit.MLNet.Events;

/// <summary>Guesses the unit of times from the first rows of a file.</summary>
internal static class TimeUnitGuess
{
    // Years 2000 to 2100.
    private const double FirstEpochSecond = 946_684_800, LastEpochSecond = 4_102_444_800;

    // Even a sensor without a scene gives more.
    private const double LeastPerSecond = 10;

    private const int EnoughRows = 64;

    // A second has more events than that, even with times in whole milliseconds.
    private const double LeastPerSecondOfSeconds = 100;

    /// <summary>The unit, and whether the values tell it; without that it is microseconds.</summary>
    public static (EventTimeUnit Unit, bool IsTold) Of(ColumnFigures times)
    {
        if (times.Rows == 0)
        {
            return (EventTimeUnit.Microseconds, false);
        }
        var span = times.Max - times.Min;
        if (!times.IsWhole)
        {
            var isSlow = times.Rows >= EnoughRows && times.Rows < LeastPerSecondOfSeconds * span;
            return (times.IsWholeThousandths && isSlow ? EventTimeUnit.Milliseconds : EventTimeUnit.Seconds, true);
        }
        // Whole seconds since 1970 could also be the microseconds of a camera that has been on for an hour.
        foreach (var (perSecond, unit) in new[]
        {
            (1e9, EventTimeUnit.Nanoseconds), (1e6, EventTimeUnit.Microseconds), (1e3, EventTimeUnit.Milliseconds),
        })
        {
            if (times.Min >= FirstEpochSecond * perSecond && times.Max <= LastEpochSecond * perSecond)
            {
                return (unit, true);
            }
        }
        if (times.Rows < EnoughRows || span < 1)
        {
            return (EventTimeUnit.Microseconds, false);
        }
        var perUnit = times.Rows / span;
        return perUnit * 1e6 < LeastPerSecond && perUnit * 1e9 >= LeastPerSecond
            ? (EventTimeUnit.Nanoseconds, true)
            : (EventTimeUnit.Microseconds, false);
    }
}
