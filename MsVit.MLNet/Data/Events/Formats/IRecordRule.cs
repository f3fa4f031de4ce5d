namespace MsVit.MLNet.Events;

/// <summary>How a format handles records that are not plain events. Implementations are structs, so that a copy saves the state.</summary>
internal interface IRecordRule
{
    /// <summary>The offset added to the times of subsequent events.</summary>
    long TimeBase { get; }

    /// <summary>Whether a time has been set for events.</summary>
    bool HasTime { get; }

    /// <inheritdoc cref="IEventDecoder.ClockBits"/>
    int ClockBits { get; }

    /// <summary>Describes what is wrong with an irregular record; null if it is valid.</summary>
    string? ProblemOf(ulong record);

    /// <summary>What the user can do about such a record.</summary>
    IReadOnlyList<Remedy> Remedies => [];

    /// <summary>Processes a record that is irregular or precedes the first time.</summary>
    /// <returns>Whether it is an event nevertheless.</returns>
    bool IsEvent(ulong record);
}
