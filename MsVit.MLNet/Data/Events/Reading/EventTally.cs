namespace MsVit.MLNet.Events;

/// <summary>Counts of what a reader has read so far.</summary>
public sealed class EventTally
{
    /// <summary>Events returned.</summary>
    public long Events { get; internal set; }

    /// <summary>Events skipped because they are outside the sensor.</summary>
    public long OutsideSensor { get; internal set; }

    /// <summary>Events whose time precedes that of the previous event.</summary>
    public long BackwardSteps { get; internal set; }

    /// <summary>Clock overflows that were detected by a large backward step and unwrapped.</summary>
    public long ClockOverflows { get; internal set; }

    /// <summary>
    /// Skipped records, words, packets or rows: triggers, frames, markers, events without the valid flag or before the first time.
    /// </summary>
    public long Skipped { get; internal set; }

    /// <summary>
    /// Bytes at the end that do not form a complete record or packet; see <see cref="EventReadOptions.AcceptTruncated"/>.
    /// </summary>
    public long TruncatedBytes { get; internal set; }

    /// <summary>Formats the counts as one line.</summary>
    /// <returns>The text.</returns>
    public override string ToString() =>
        $"{Events} events, {OutsideSensor} outside the sensor, {BackwardSteps} backward time steps, {ClockOverflows} clock overflows, "
        + $"{Skipped} skipped, {TruncatedBytes} bytes truncated";
}
