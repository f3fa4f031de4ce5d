namespace MsVit.MLNet.Events;

/// <summary>Converts the numbers of a text or NumPy row to an event's values.</summary>
internal static class EventValues
{
    // Beyond this, a double cannot represent every microsecond.
    private const double MaxTime = 1L << 53;

    private const long NanosecondsPerMicrosecond = 1000;

    /// <summary>Converts a fractional time to microseconds; null if it is not representable.</summary>
    public static long? Time(double value, EventTimeUnit unit)
    {
        var microseconds = unit == EventTimeUnit.Nanoseconds
            ? Math.Floor(value / NanosecondsPerMicrosecond)
            : Math.Round(value * Scale(unit));
        var isRepresentable = Math.Abs(microseconds) <= MaxTime && (unit != EventTimeUnit.Microseconds || microseconds == value);
        return isRepresentable ? (long)microseconds : null;
    }

    /// <summary>Converts an integer time to microseconds; null on overflow.</summary>
    public static long? Time(long value, EventTimeUnit unit)
    {
        if (unit == EventTimeUnit.Nanoseconds)
        {
            var (quotient, remainder) = Math.DivRem(value, NanosecondsPerMicrosecond);
            return remainder < 0 ? quotient - 1 : quotient;
        }
        var microseconds = (Int128)value * Scale(unit);
        return microseconds >= long.MinValue && microseconds <= long.MaxValue ? (long)microseconds : null;
    }

    /// <summary>Converts a coordinate. An impossible one becomes the largest value, far outside any sensor.</summary>
    public static ushort Coordinate(long value) => value is >= 0 and < ushort.MaxValue ? (ushort)value : ushort.MaxValue;

    private static int Scale(EventTimeUnit unit) => unit switch
    {
        EventTimeUnit.Microseconds => 1,
        EventTimeUnit.Milliseconds => 1_000,
        _ => 1_000_000,
    };
}
