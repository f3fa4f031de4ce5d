namespace MsVit.MLNet.Events;

/// <summary>What a format does with records that are not plain events. A struct, so that a copy remembers a place.</summary>
internal interface IRecordRule
{
    /// <summary>What is added to the times of the events that follow.</summary>
    long TimeBase { get; }

    /// <summary>Whether events have a time yet.</summary>
    bool HasTime { get; }

    /// <inheritdoc cref="IEventDecoder.ClockBits"/>
    int ClockBits { get; }

    /// <summary>What is wrong with a record that is not regular; null where it can be taken.</summary>
    string? Refuse(ulong record);

    /// <summary>Takes a record that is not regular, or comes before the first time.</summary>
    /// <returns>Whether it is an event all the same.</returns>
    bool IsEvent(ulong record);
}
