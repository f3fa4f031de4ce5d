namespace MsVit.MLNet.Events;

/// <summary>How a recording is read, and how that is known.</summary>
public sealed record EventFileFacts
{
    /// <summary>The format.</summary>
    public required EventFormat Format { get; init; }

    /// <summary>How the format is known: detected from the content, or given.</summary>
    public required EventFactSource FormatSource { get; init; }

    /// <summary>The sensor size; null if nobody states it.</summary>
    public required SensorSize? Sensor { get; init; }

    /// <summary>How the sensor size is known.</summary>
    public required EventFactSource SensorSource { get; init; }

    /// <summary>The unit of the times in the file. Events have microseconds, whatever the unit.</summary>
    public required EventTimeUnit TimeUnit { get; init; }

    /// <summary>How the unit is known.</summary>
    public required EventFactSource TimeUnitSource { get; init; }

    /// <summary>The order of the columns, such as "t,x,y,p"; null for a format without columns.</summary>
    public required string? Columns { get; init; }

    /// <summary>How the order is known.</summary>
    public required EventFactSource ColumnsSource { get; init; }

    /// <summary>
    /// Formats the facts as one line, without the sensor: <c>text, columns t,x,y,p (stated), times in seconds (guessed)</c>.
    /// </summary>
    /// <returns>The text.</returns>
    public override string ToString() => Columns is null
        ? Format.ToString().ToLowerInvariant()
        : $"{Format.ToString().ToLowerInvariant()}, columns {Columns} ({ColumnsSource.ToString().ToLowerInvariant()}), "
            + $"times in {TimeUnit.ToString().ToLowerInvariant()} ({TimeUnitSource.ToString().ToLowerInvariant()})";
}
