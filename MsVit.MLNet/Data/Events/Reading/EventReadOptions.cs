namespace MsVit.MLNet.Events;

/// <summary>How to read a recording. The defaults suit a file that says what it is.</summary>
public sealed record EventReadOptions
{
    /// <summary>The format; by default (null) it is recognized from the content, and the bare 5-byte format by its extension.</summary>
    public EventFormat? Format { get; init; }

    /// <summary>The pixels; by default (null) what the file says. Without either, every coordinate of the format counts as inside.</summary>
    public SensorSize? Sensor { get; init; }

    /// <summary>What to do with events outside the sensor. The default is to refuse them.</summary>
    public OutOfRangePolicy OutOfRange { get; init; } = OutOfRangePolicy.Refuse;

    /// <summary>
    /// Whether a recording that ends inside a record, packet or line, as after a loss of power, is read up to there; the
    /// bytes left over are counted in <see cref="EventTally.CutBytes"/>. The default is false: it is an error at the end.
    /// </summary>
    public bool AcceptCutEnd { get; init; }

    /// <summary>AEDAT 1.0 and 2.0: how address bits become columns and rows. The default is an upright image.</summary>
    public AedatAxes Axes { get; init; } = AedatAxes.Upright;

    /// <summary>AEDAT 2.0: the camera; by default (null) what the header's AEChip line says, and DVS128 without such a line.</summary>
    public AedatCamera? Camera { get; init; }

    /// <summary>AEDAT 3.1: whether events without the valid mark are left out. The default is false, as common readers do.</summary>
    public bool SkipInvalid { get; init; }

    /// <summary>
    /// Text without a header line, and NumPy arrays of shape [N, 4]: the order of the columns, names parted by commas; columns of other
    /// names are passed over. The default is "t,x,y,p".
    /// </summary>
    public string Columns { get; init; } = "t,x,y,p";

    /// <summary>Text and NumPy: what times count. The default is microseconds.</summary>
    public EventTimeUnit TimeUnit { get; init; } = EventTimeUnit.Microseconds;

    /// <summary>Refuses what cannot work.</summary>
    /// <exception cref="ArgumentException">A setting is out of its range; the message says which.</exception>
    internal void Validate()
    {
        if (Sensor is { } sensor && (sensor.Width is < 1 or > 65535 || sensor.Height is < 1 or > 65535))
        {
            throw new ArgumentException($"Sensor is {sensor}; each side must be from 1 to 65,535 pixels.");
        }
        if (!ColumnOrder.TryParse(Columns, out _))
        {
            throw new ArgumentException($"Columns is '{Columns}'; expected names parted by commas with each of t, x, y and p once, such as 't,x,y,p'.");
        }
    }
}
