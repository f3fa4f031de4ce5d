using Google.FlatBuffers;

namespace MsVit.MLNet.Events;

/// <summary>The root table of a size-prefixed FlatBuffer, verified before anything is read.</summary>
internal static class FlatTable
{
    private const int MaxDepth = 8, MaxTables = 64;
    private const int PrefixLength = sizeof(uint);

    /// <summary>Returns the root table, or null if the bytes are not such a buffer.</summary>
    /// <param name="bytes">The buffer with its size prefix.</param>
    /// <param name="length">The number of bytes that belong to it.</param>
    /// <param name="identifier">The four letters after the root offset.</param>
    /// <param name="verify">Verifies the fields to be read.</param>
    public static Table? Root(byte[] bytes, int length, string identifier, VerifyTableAction verify)
    {
        var buffer = new ByteBuffer(new PartOfArray(bytes, length), 0);
        var verifier = new Verifier(buffer, new Options(MaxDepth, MaxTables, stringEndCheck: false, alignmentCheck: false));
        try
        {
            return verifier.VerifyBuffer(identifier, true, verify)
                ? new Table(buffer.GetInt(PrefixLength) + PrefixLength, buffer)
                : null;
        }
        catch (Exception e) when (e is ArgumentException or IndexOutOfRangeException or OverflowException)
        {
            // The verifier reads a few numbers before it checks that they are within the buffer.
            return null;
        }
    }

    // The verifier requires the buffer to end where its bytes end.
    private sealed class PartOfArray : ByteBufferAllocator
    {
        public PartOfArray(byte[] bytes, int length)
        {
            Buffer = bytes;
            Length = length;
        }

        public override void GrowFront(int newSize) => throw new NotSupportedException();
    }
}
