namespace MsVit.MLNet.Events;

/// <summary>Turns the numbers of a text or NumPy row into an event, or says which of them cannot be.</summary>
internal static class EventValues
{
    // Beyond this a double does not tell neighboring microseconds apart.
    private const double MaxTime = 1L << 53;

    public static double Scale(EventTimeUnit unit) => unit switch
    {
        EventTimeUnit.Microseconds => 1,
        EventTimeUnit.Milliseconds => 1e3,
        _ => 1e6,
    };

    /// <summary>A time that is not a whole number of microseconds, as one; null where it cannot be.</summary>
    public static long? Time(double value, EventTimeUnit unit)
    {
        var microseconds = Math.Round(value * Scale(unit));
        return Math.Abs(microseconds) <= MaxTime && (unit != EventTimeUnit.Microseconds || microseconds == value) ? (long)microseconds : null;
    }

    /// <summary>A whole time in microseconds; null where it overflows.</summary>
    public static long? Time(long value, EventTimeUnit unit)
    {
        var microseconds = (Int128)value * (long)Scale(unit);
        return microseconds >= long.MinValue && microseconds <= long.MaxValue ? (long)microseconds : null;
    }

    /// <summary>A coordinate that cannot be a pixel lies far outside.</summary>
    public static ushort Coordinate(long value) => value is >= 0 and < ushort.MaxValue ? (ushort)value : ushort.MaxValue;
}
