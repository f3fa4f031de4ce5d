using System.Runtime.CompilerServices;

namespace MsVit.MLNet;

/// <summary>Four 64-bit words: the counter that enters the Philox4x64-10 bijection, or the random block that it returns.</summary>
/// <remarks>The constants and the word order follow the Random123 library (D. E. Shaw Research).</remarks>
[InlineArray(4)]
internal struct PhiloxBlock
{
    private const int Rounds = 10;
    private const ulong Multiplier0 = 0xD2E7470EE14C6C93;
    private const ulong Multiplier1 = 0xCA5A826395121157;
    private const ulong KeyStep0 = 0x9E3779B97F4A7C15;
    private const ulong KeyStep1 = 0xBB67AE8584CAA73B;

    private ulong _first;

    public PhiloxBlock(ulong word0, ulong word1, ulong word2, ulong word3)
    {
        _first = word0;
        this[1] = word1;
        this[2] = word2;
        this[3] = word3;
    }

    /// <summary>The random block for a counter and a key.</summary>
    public static PhiloxBlock Of(PhiloxBlock counter, (ulong First, ulong Second) key)
    {
        var (c0, c1, c2, c3) = (counter[0], counter[1], counter[2], counter[3]);
        for (var round = 0; round < Rounds; round++)
        {
            var high0 = Math.BigMul(Multiplier0, c0, out var low0);
            var high1 = Math.BigMul(Multiplier1, c2, out var low1);
            (c0, c1, c2, c3) = (high1 ^ c1 ^ key.First, low1, high0 ^ c3 ^ key.Second, low0);
            key = (key.First + KeyStep0, key.Second + KeyStep1);
        }
        return new(c0, c1, c2, c3);
    }
}
