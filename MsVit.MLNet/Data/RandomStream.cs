namespace MsVit.MLNet;

/// <summary>A stream of random numbers that depends only on its key (seed, a, b), such as (seed, epoch, sample).</summary>
/// <remarks>
/// Philox4x64-10 (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011): block n of the stream is
/// ten rounds of the bijection, keyed by (seed, purpose), on the counter (n, a, b, 0). Different keys never share a block, and streams
/// share no state. Only integer and IEEE arithmetic is used, so a draw is the same on every platform, on any number of threads, in any
/// order. This is a mutable struct: pass it by <c>ref</c>, because a copy repeats the same numbers.
/// </remarks>
internal struct RandomStream
{
    private const int WordsPerBlock = 8;

    private readonly ulong _seed;
    private readonly ulong _purpose;
    private readonly ulong _a;
    private readonly ulong _b;
    private ulong _nextBlock;
    private PhiloxBlock _block;
    private int _used;

    public RandomStream(ulong seed, ulong a, ulong b)
    {
        _seed = seed;
        _a = a;
        _b = b;
        _used = WordsPerBlock;
    }

    /// <summary>The stream for one purpose, independent of other purposes' streams with the same numbers.</summary>
    public static RandomStream For(RandomPurpose purpose, ulong seed, ulong a, ulong b) => new(purpose, seed, a, b);

    private RandomStream(RandomPurpose purpose, ulong seed, ulong a, ulong b)
        : this(seed, a, b) => _purpose = (ulong)purpose;

    /// <summary>Puts the items in random order, every order equally likely.</summary>
    public void Shuffle<T>(Span<T> items)
    {
        for (var last = items.Length - 1; last > 0; last--)
        {
            var other = NextInt(last + 1);
            (items[last], items[other]) = (items[other], items[last]);
        }
    }

    /// <summary>32 random bits.</summary>
    public uint NextUInt32()
    {
        if (_used == WordsPerBlock)
        {
            _block = PhiloxBlock.Of(counter: new(_nextBlock++, _a, _b, 0), key: (_seed, _purpose));
            _used = 0;
        }
        var word = _block[_used >> 1] >> (32 * (_used & 1));
        _used++;
        return (uint)word;
    }

    /// <summary>A multiple of 2^-24 in [0, 1).</summary>
    public float NextSingle() => (NextUInt32() >> 8) * (1f / (1 << 24));

    /// <summary>A number from <paramref name="min"/> to <paramref name="max"/>; only rounding can make it equal to the latter.</summary>
    public float NextSingle(float min, float max) => min + ((max - min) * NextSingle());

    /// <summary>An integer in [0, <paramref name="max"/>), each equally likely.</summary>
    /// <param name="max">At least 1.</param>
    public int NextInt(int max)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(max, 1);
        // Lemire, "Fast random integer generation in an interval": reject products whose low half is below 2^32 mod max.
        var range = (uint)max;
        var product = (ulong)NextUInt32() * range;
        if ((uint)product < range)
        {
            var surplus = (uint)-range % range;
            while ((uint)product < surplus)
            {
                product = (ulong)NextUInt32() * range;
            }
        }
        return (int)(product >> 32);
    }

    /// <summary>A draw from the standard normal distribution, within 6.4 of the mean. Consumes exactly one word.</summary>
    public float NextNormal() => NormalQuantile.Of((NextUInt32() + 0.5) / 4294967296.0);
}
