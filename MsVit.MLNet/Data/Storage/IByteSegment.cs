namespace MsVit.MLNet;

/// <summary>One of the blocks of memory or files in which a store keeps its bytes; what is appended lies in one piece.</summary>
/// <remarks>Filled by one thread; after <see cref="Seal"/> any number of threads may read.</remarks>
internal interface IByteSegment : IDisposable
{
    /// <summary>Appends bytes, if there is room for all of them.</summary>
    /// <param name="bytes">At least one.</param>
    /// <param name="offset">Where they begin, for <see cref="Read"/>.</param>
    bool TryAppend(ReadOnlySpan<byte> bytes, out int offset);

    /// <summary>Ends the filling.</summary>
    void Seal();

    /// <summary>Copies bytes out.</summary>
    void Read(int offset, Span<byte> destination);
}

/// <summary>Where a sample lies: 12 bytes in memory, for any number of segments of up to 2 GiB each.</summary>
/// <param name="Segment">Which segment, from 0.</param>
/// <param name="Offset">Where it begins in there.</param>
/// <param name="Length">Its bytes; the place of an empty sample is never looked up.</param>
internal readonly record struct SamplePlace(int Segment, int Offset, int Length);
