namespace MsVit.MLNet.Events;

/// <summary>How something about a recording is known.</summary>
public enum EventFactSource
{
    /// <summary>Nobody knows it.</summary>
    Unknown,

    /// <summary>The file or its format states it.</summary>
    Stated,

    /// <summary>The caller gave it.</summary>
    Given,

    /// <summary>The values tell it.</summary>
    Guessed,

    /// <summary>It is the usual one; the values do not tell.</summary>
    Assumed,

    /// <summary>It is the least that all events need.</summary>
    Measured,
}

/// <summary>What a format's reader found out about the units and columns of a file.</summary>
/// <param name="TimeUnit">The unit of the stored times.</param>
/// <param name="TimeUnitSource">How it is known.</param>
/// <param name="Columns">The order of the columns; null for a format without columns.</param>
/// <param name="ColumnsSource">How it is known.</param>
internal sealed record SourceFacts(EventTimeUnit TimeUnit, EventFactSource TimeUnitSource, string? Columns, EventFactSource ColumnsSource)
{
    /// <summary>The facts of a format that says everything.</summary>
    public static SourceFacts OfFormat { get; } = new(EventTimeUnit.Microseconds, EventFactSource.Stated, null, EventFactSource.Stated);

    /// <summary>The facts of a file with columns.</summary>
    /// <param name="given">The caller's options.</param>
    /// <param name="order">The order in use.</param>
    /// <param name="isNamed">Whether the file names its columns.</param>
    /// <param name="times">The figures of the time column.</param>
    public static SourceFacts OfColumns(EventReadOptions given, ColumnOrder order, bool isNamed, ColumnFigures times)
    {
        var columns = isNamed ? EventFactSource.Stated : given.Columns is null ? EventFactSource.Assumed : EventFactSource.Given;
        if (given.TimeUnit is { } unit)
        {
            return new(unit, EventFactSource.Given, order.ToString(), columns);
        }
        if (order.Unit is { } stated)
        {
            return new(stated, isNamed ? EventFactSource.Stated : EventFactSource.Given, order.ToString(), columns);
        }
        var (guess, isTold) = TimeUnitGuess.Of(times);
        return new(guess, isTold ? EventFactSource.Guessed : EventFactSource.Assumed, order.ToString(), columns);
    }
}
