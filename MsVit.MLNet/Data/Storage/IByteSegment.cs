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
