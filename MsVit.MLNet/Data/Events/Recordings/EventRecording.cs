namespace MsVit.MLNet.Events;

/// <summary>A labeled recording, or a labeled slice of one: the events with Start &lt;= time &lt; End.</summary>
/// <param name="Path">The file, in any format that <see cref="EventFile"/> reads.</param>
/// <param name="Label">The class name.</param>
public sealed record EventRecording(string Path, string Label)
{
    /// <summary>
    /// The first time of the slice in microseconds on the recording's clock. The default is the smallest value, for no slice.
    /// </summary>
    public long Start { get; init; } = long.MinValue;

    /// <summary>The first time after the slice. The default is the largest value, for no slice.</summary>
    public long End { get; init; } = long.MaxValue;

    /// <summary>The sensor size; null (the default) to use the one in the file.</summary>
    public SensorSize? Sensor { get; init; }
}
