using System.Text.Json.Serialization;

namespace MsVit.MLNet.Events;

/// <summary>How to read a recording. The defaults suit self-describing files.</summary>
public sealed record EventReadOptions
{
    /// <summary>
    /// The format; null (the default) to detect it from the content, or from the extension for the 5-byte format, which has no header.
    /// </summary>
    public EventFormat? Format { get; init; }

    /// <summary>The sensor size; null (the default) to use the one in the file. Without either, all coordinates are accepted.</summary>
    public SensorSize? Sensor { get; init; }

    /// <summary>How to handle events outside the sensor. The default is to reject them.</summary>
    public OutOfRangePolicy OutOfRange { get; init; } = OutOfRangePolicy.Throw;

    /// <summary>
    /// Whether to accept a recording that ends within a record, packet or line, such as after a power failure. The bytes of the incomplete
    /// record are counted in <see cref="EventTally.TruncatedBytes"/>. The default is false, which reports an error at the end.
    /// </summary>
    public bool AcceptTruncated { get; init; }

    /// <summary>AEDAT 1.0 and 2.0: how address bits map to columns and rows. The default gives an upright image.</summary>
    public AedatAxes Axes { get; init; } = AedatAxes.Upright;

    /// <summary>AEDAT 2.0: the camera; null (the default) to use the header's AEChip line, or DVS128 without such a line.</summary>
    public AedatCamera? Camera { get; init; }

    /// <summary>AEDAT 3.1: whether to skip events without the valid flag. The default is false, as in common readers.</summary>
    public bool SkipInvalid { get; init; }

    /// <summary>
    /// Text without a header line, and NumPy arrays of shape [N, 4]: the column names in order, separated by commas. Columns with other
    /// names are ignored. Null (the default) is "t,x,y,p", and the first rows are checked: if they do not look like that, the file is
    /// rejected with the order that would fit. An order given here is not checked.
    /// </summary>
    public string? Columns { get; init; }

    /// <summary>
    /// Text and NumPy: the unit of times; null (the default) to take it from the column's name, or from the first rows: fractions are
    /// seconds or milliseconds, epoch times tell their unit by their size, and so do times that would give fewer than ten events per
    /// second. What tells nothing is microseconds.
    /// </summary>
    public EventTimeUnit? TimeUnit { get; init; }

    // Models that were saved before the property was renamed.
    [JsonInclude]
    [JsonPropertyName("AcceptCutEnd")]
    internal bool AcceptCutEnd
    {
        init => AcceptTruncated = value;
    }

    /// <summary>Checks the options.</summary>
    /// <exception cref="ArgumentException">An option is out of range. The message names it.</exception>
    internal void Validate()
    {
        if (Sensor is { } sensor && (sensor.Width is < 1 or > 65535 || sensor.Height is < 1 or > 65535))
        {
            throw new ArgumentException($"Sensor is {sensor}; each side must be from 1 to 65,535 pixels.");
        }
        if (Columns is not null && !ColumnOrder.TryParse(Columns, out _))
        {
            throw new ArgumentException(
                $"Columns is '{Columns}'; expected names separated by commas with each of t, x, y and p once, such as 't,x,y,p'.");
        }
    }
}

/// <summary>How the address bits of AEDAT 1.0 and 2.0 map to columns and rows. Common readers differ.</summary>
/// <remarks>W and H are the sensor's width and height. A pixel that became brighter is always <see cref="CameraEvent.On"/>.</remarks>
public enum AedatAxes
{
    /// <summary>x = W - 1 - raw x, y = H - 1 - raw y: a jAER recording appears upright, with row 0 at the top.</summary>
    Upright,

    /// <summary>x = 127 - raw y, y = 127 - raw x: as in spikingjelly's CIFAR10DVS, for parity with published results.</summary>
    Cifar10Dvs,

    /// <summary>x = W - 1 - raw x, y = raw y: as in jAER, whose y axis points up.</summary>
    JAer,

    /// <summary>x = raw x, y = raw y: the bits unchanged.</summary>
    Raw,
}

/// <summary>The camera of an AEDAT 2.0 recording, which determines the meaning of the address bits.</summary>
public enum AedatCamera
{
    /// <summary>DVS128, 128 x 128.</summary>
    Dvs128,

    /// <summary>DAVIS240, 240 x 180. Its frame and IMU records are skipped.</summary>
    Davis240,
}

/// <summary>The unit of times in a text or NumPy file. All other formats use microseconds.</summary>
public enum EventTimeUnit
{
    /// <summary>Microseconds, as whole numbers.</summary>
    Microseconds,

    /// <summary>Milliseconds, with or without a fraction.</summary>
    Milliseconds,

    /// <summary>Seconds, with or without a fraction.</summary>
    Seconds,

    /// <summary>Nanoseconds, rounded down to microseconds.</summary>
    Nanoseconds,
}

/// <summary>How to handle an event outside the sensor.</summary>
public enum OutOfRangePolicy
{
    /// <summary>Stop with an error that gives the file and the location.</summary>
    Throw,

    /// <summary>Skip the event and count it in <see cref="EventTally.OutsideSensor"/>.</summary>
    Drop,
}
