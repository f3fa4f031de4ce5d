namespace MsVit.MLNet.Events;

/// <summary>Decodes a format that can be read sequentially. Implementations are structs, so that a copy saves the state.</summary>
internal interface IEventDecoder
{
    /// <summary>The size in bytes of an event record, or of the word that completes an event.</summary>
    int RecordLength { get; }

    /// <summary>The number of bits of a clock that overflows without a marker; 63 if it does not overflow.</summary>
    int ClockBits { get; }

    /// <summary>What is incomplete if the file ends too soon, with an article.</summary>
    string PartName { get; }

    /// <summary>The number of records, words or packets skipped so far.</summary>
    long Skipped { get; }

    /// <summary>The number of bytes consumed of an incomplete packet; 0 if the file may end here.</summary>
    long PartialBytes { get; }

    /// <summary>Decodes the available bytes.</summary>
    /// <param name="bytes">The next bytes; at least 4,096 unless the file ends first.</param>
    /// <param name="events">The buffer for events.</param>
    /// <param name="input">The input, for errors. A decoder throws only if it has written nothing in this call.</param>
    /// <param name="offset">The file offset of the bytes.</param>
    /// <returns>The bytes consumed and the events written; 0 bytes if there are too few.</returns>
    Progress Decode(ReadOnlySpan<byte> bytes, Span<CameraEvent> events, EventInput input, long offset);
}

/// <summary>A decoder's progress in one call.</summary>
internal readonly record struct Progress(int Bytes, int Events);
