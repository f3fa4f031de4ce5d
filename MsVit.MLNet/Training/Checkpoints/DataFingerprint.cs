using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace MsVit.MLNet;

/// <summary>
/// Distinguishes sets of samples by their number, shape, labels, weights, teacher's vectors and indices, and by the bytes of about two
/// thousand samples.
/// </summary>
/// <remarks>
/// Hashing a million images would take as long as reading them for an epoch. Sets that differ in a few images may look the same.
/// </remarks>
internal static class DataFingerprint
{
    private const int MostHashed = 2048;

    /// <summary>The SHA-256, in hexadecimal digits.</summary>
    public static string Of(params ReadOnlySpan<SampleSet> sets)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var set in sets)
        {
            hash.AppendData(MemoryMarshal.AsBytes<int>([
                set.Count, set.Shape.Channels, set.Shape.Height, set.Shape.Width, set.Shape.TimeSteps, set.Shape.IsFloat ? 1 : 0]));
            hash.AppendData(MemoryMarshal.AsBytes<int>(set.Indices));
            if (set.Weights is { } weights)
            {
                hash.AppendData(MemoryMarshal.AsBytes<float>(weights));
            }
            var (sample, vector) = (new byte[set.Shape.Bytes], new float[set.Teacher?.Width ?? 0]);
            var step = Math.Max(1, set.Count / MostHashed);
            for (var i = 0; i < set.Count; i++)
            {
                hash.AppendData(MemoryMarshal.AsBytes<int>([set.Source.Label(set.Indices[i])]));
                set.Teacher?.Read(set.Indices[i], vector);
                hash.AppendData(MemoryMarshal.AsBytes<float>(vector));
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
