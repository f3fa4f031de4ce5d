namespace MsVit.MLNet.Events;

/// <summary>The input of a format's reader: the bytes, their name in messages, the options, and the tally.</summary>
internal sealed record EventInput(ByteWindow Window, string Name, EventReadOptions Options, EventTally Tally)
{
    /// <summary>Creates an error for a byte of the file.</summary>
    public EventFormatException Error(long offset, string message, Exception? inner = null) => new(Name, $"byte {offset}", message, inner);

    /// <summary>Creates an error for a byte of the file, with the options that may help.</summary>
    public EventFormatException Error(long offset, string problem, params IReadOnlyList<Remedy> remedies) =>
        new(Name, $"byte {offset}", problem, remedies);

    /// <summary>Handles an unexpected end of the file: counts the bytes if that is accepted, else throws.</summary>
    /// <param name="offset">The offset of the incomplete record or packet.</param>
    /// <param name="bytes">The number of its bytes in the file.</param>
    /// <param name="expected">What was expected.</param>
    public void Truncated(long offset, long bytes, string expected)
    {
        Tally.TruncatedBytes = bytes;
        if (!Options.AcceptTruncated)
        {
            throw Error(
                offset, $"the file ends after {bytes} bytes of {expected}. Copy or download it again.", ReadingRemedies.AcceptTruncated);
        }
    }
}
