namespace MsVit.MLNet.Events;

/// <summary>What a format's reader works on: the bytes, their name for messages, what the caller wants, and where to count.</summary>
internal sealed record EventInput(ByteWindow Window, string Name, EventReadOptions Options, EventTally Tally)
{
    /// <summary>An error at a byte of the file.</summary>
    public EventFormatException Error(long offset, string message, Exception? inner = null) => new(Name, $"byte {offset}", message, inner);

    /// <summary>The file ends where it should not: counted where that is accepted, else an error.</summary>
    /// <param name="offset">Where the record or packet that is cut begins.</param>
    /// <param name="bytes">How many of its bytes are there.</param>
    /// <param name="expected">What should have been there.</param>
    public void CutEnd(long offset, long bytes, string expected)
    {
        Tally.CutBytes = bytes;
        if (!Options.AcceptCutEnd)
        {
            throw Error(offset, $"the file ends after {bytes} bytes of {expected}. "
                + "Copy or download it again, or set AcceptCutEnd to read what is there.");
        }
    }
}
