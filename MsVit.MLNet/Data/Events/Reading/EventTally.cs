namespace MsVit.MLNet.Events;

/// <summary>What a reader has met so far.</summary>
public sealed class EventTally
{
    /// <summary>Events handed out.</summary>
    public long Events { get; internal set; }

    /// <summary>Events left out because they lie outside the sensor.</summary>
    public long OutsideSensor { get; internal set; }

    /// <summary>How often the time of an event lies before that of the one before it.</summary>
    public long BackwardSteps { get; internal set; }

    /// <summary>Overflows of the camera's clock that were found by a large step back and undone.</summary>
    public long ClockOverflows { get; internal set; }

    /// <summary>Records, words, packets or rows passed over: triggers, frames, marks, events without the valid mark or before the first time.</summary>
    public long Skipped { get; internal set; }

    /// <summary>Bytes at the end that do not fill a record or packet; see <see cref="EventReadOptions.AcceptCutEnd"/>.</summary>
    public long CutBytes { get; internal set; }

    /// <summary>The counts on one line.</summary>
    /// <returns>The text.</returns>
    public override string ToString() =>
        $"{Events} events, {OutsideSensor} outside the sensor, {BackwardSteps} steps back in time, {ClockOverflows} clock overflows, "
        + $"{Skipped} skipped, {CutBytes} bytes cut";
}
