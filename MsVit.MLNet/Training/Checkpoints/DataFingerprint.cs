using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace MsVit.MLNet;

/// <summary>Tells one set of samples from another: their number, shape, labels, parts, and the bytes of some thousand of them.</summary>
/// <remarks>Hashing a million images would cost as much as an epoch's reading; a set that differs in a few of them alone is not told apart.</remarks>
internal static class DataFingerprint
{
    private const int MostHashed = 2048;

    /// <summary>SHA-256, in hexadecimal digits.</summary>
    public static string Of(params ReadOnlySpan<SampleSet> sets)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var set in sets)
        {
            hash.AppendData(MemoryMarshal.AsBytes<int>([
                set.Count, set.Shape.Channels, set.Shape.Height, set.Shape.Width, set.Shape.TimeSteps, set.Shape.IsFloat ? 1 : 0]));
            hash.AppendData(MemoryMarshal.AsBytes<int>(set.Indices));
            var sample = new byte[set.Shape.Bytes];
            var step = Math.Max(1, set.Count / MostHashed);
            for (var i = 0; i < set.Count; i++)
            {
                hash.AppendData(MemoryMarshal.AsBytes<int>([set.Source.Label(set.Indices[i])]));
                if (i % step == 0)
                {
                    var random = RandomStream.For(RandomPurpose.Statistics, 0, 0, 0);
                    set.Source.Write(set.Indices[i], sample, ref random);
                    hash.AppendData(sample);
                }
            }
        }
        return Convert.ToHexString(hash.GetHashAndReset());
    }
}
