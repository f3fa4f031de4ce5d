namespace MsVit.MLNet.Events;

/// <summary>Clamps counts to a maximum.</summary>
internal static class CountLimit
{
    /// <returns>The counts, as bytes if the limit allows it, and the number of events removed.</returns>
    public static (byte[]? Bytes, ushort[]? Words, long Cut) Apply(byte[]? bytes, ushort[]? words, int max)
    {
        var cut = 0L;
        for (var i = 0; i < bytes?.Length; i++)
        {
            cut += Math.Max(0, bytes[i] - max);
            bytes[i] = (byte)Math.Min(bytes[i], max);
        }
        for (var i = 0; i < words?.Length; i++)
        {
            cut += Math.Max(0, words[i] - max);
            words[i] = (ushort)Math.Min(words[i], max);
        }
        return words is not null && max <= byte.MaxValue
            ? (Array.ConvertAll(words, word => (byte)word), null, cut)
            : (bytes, words, cut);
    }
}
