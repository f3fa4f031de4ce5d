namespace MsVit.MLNet;

/// <summary>One of the memory blocks or files in which a store keeps its bytes. Each appended item is contiguous.</summary>
/// <remarks>One thread fills it; after <see cref="Seal"/> any number of threads may read.</remarks>
internal interface IByteSegment : IDisposable
{
    /// <summary>Appends bytes if all of them fit.</summary>
    /// <param name="bytes">At least one byte.</param>
    /// <param name="offset">The start offset, for <see cref="Read"/>.</param>
    bool TryAppend(ReadOnlySpan<byte> bytes, out int offset);

    /// <summary>Ends the filling.</summary>
    void Seal();

    /// <summary>Copies bytes.</summary>
    void Read(int offset, Span<byte> destination);
}

/// <summary>Where a sample is stored: 12 bytes in memory, for any number of segments of up to 2 GiB each.</summary>
/// <param name="Segment">The segment, from 0.</param>
/// <param name="Offset">The start offset within the segment.</param>
/// <param name="Length">The size in bytes. The location of an empty sample is never used.</param>
internal readonly record struct SampleLocation(int Segment, int Offset, int Length);
