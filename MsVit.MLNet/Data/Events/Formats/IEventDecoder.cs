namespace MsVit.MLNet.Events;

/// <summary>Decodes a format whose bytes can be taken from front to back. A struct, so that a copy remembers a place.</summary>
internal interface IEventDecoder
{
    /// <summary>The bytes of a record that holds an event, or of the word that completes one.</summary>
    int RecordLength { get; }

    /// <summary>The bits of a clock that overflows without a mark; 63 where none does.</summary>
    int ClockBits { get; }

    /// <summary>What the bytes at the end are a part of when the file ends too soon, with its article.</summary>
    string PartName { get; }

    /// <summary>Records, words or packets passed over so far.</summary>
    long Skipped { get; }

    /// <summary>Bytes taken of a packet that is not complete yet; 0 where the file may end.</summary>
    long Begun { get; }

    /// <summary>Decodes what is there.</summary>
    /// <param name="bytes">The next bytes; at least 4,096 unless the file ends before.</param>
    /// <param name="events">Where the events go.</param>
    /// <param name="input">For errors; a decoder throws only when it has written nothing in this call.</param>
    /// <param name="offset">Where the bytes lie in the file.</param>
    /// <returns>Bytes taken and events written; no bytes where they are too few.</returns>
    Progress Decode(ReadOnlySpan<byte> bytes, Span<CameraEvent> events, EventInput input, long offset);
}

/// <summary>How far a decoder has come.</summary>
internal readonly record struct Progress(int Bytes, int Events);
