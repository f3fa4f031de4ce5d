namespace MsVit.MLNet.Events;

/// <summary>What the times of a text or NumPy file count. All other formats count microseconds.</summary>
public enum EventTimeUnit
{
    /// <summary>Microseconds, as whole numbers.</summary>
    Microseconds,

    /// <summary>Milliseconds, with or without a fraction.</summary>
    Milliseconds,

    /// <summary>Seconds, with or without a fraction.</summary>
    Seconds,
}
