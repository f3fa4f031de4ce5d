using MsVit.MLNet;

namespace MsVit.Tests.Data;

public sealed class RandomStreamTests
{
    /// <summary>The vectors of philox4x64 with ten rounds in Random123's file kat_vectors: zeros, ones, and the digits of pi.</summary>
    [Theory]
    [InlineData(0, 0, 0, 0, 0, 0, 0x16554d9eca36314c, 0xdb20fe9d672d0fdc, 0xd7e772cee186176b, 0x7e68b68aec7ba23b)]
    [InlineData(ulong.MaxValue, ulong.MaxValue, ulong.MaxValue, ulong.MaxValue, ulong.MaxValue, ulong.MaxValue,
        0x87b092c3013fe90b, 0x438c3c67be8d0224, 0x9cc7d7c69cd777b6, 0xa09caebf594f0ba0)]
    [InlineData(0x243f6a8885a308d3, 0x13198a2e03707344, 0xa4093822299f31d0, 0x082efa98ec4e6c89, 0x452821e638d01377, 0xbe5466cf34e90c6c,
        0xa528f45403e61d95, 0x38c72dbd566e9788, 0xa5a1610e72fd18b5, 0x57bd43b5e52b7fe6)]
    public void Philox_gives_the_known_answers(
        ulong c0, ulong c1, ulong c2, ulong c3, ulong k0, ulong k1, ulong r0, ulong r1, ulong r2, ulong r3)
    {
        var block = PhiloxBlock.Of(new(c0, c1, c2, c3), (k0, k1));
        Assert.Equal([r0, r1, r2, r3], [block[0], block[1], block[2], block[3]]);
    }

    [Fact]
    public void The_words_of_a_stream_are_the_halves_of_its_blocks_low_half_first()
    {
        var stream = new RandomStream(seed: 7, a: 8, b: 9);
        for (ulong n = 0; n < 3; n++)
        {
            var block = PhiloxBlock.Of(new(n, 8, 9, 0), (7, 0));
            for (var word = 0; word < 4; word++)
            {
                Assert.Equal((uint)block[word], stream.NextUInt32());
                Assert.Equal((uint)(block[word] >> 32), stream.NextUInt32());
            }
        }
    }

    [Theory]
    [InlineData(1, 0, 0)]
    [InlineData(0, 1, 0)]
    [InlineData(0, 0, 1)]
    public void Changing_any_part_of_the_key_changes_the_stream(ulong seed, ulong a, ulong b)
    {
        var zero = new RandomStream(0, 0, 0);
        var other = new RandomStream(seed, a, b);
        var equal = Enumerable.Range(0, 1000).Count(_ => zero.NextUInt32() == other.NextUInt32());
        Assert.InRange(equal, 0, 1);
    }

    [Fact]
    public void Singles_fill_the_unit_interval_without_its_upper_end()
    {
        var stream = new RandomStream(1, 2, 3);
        var draws = Enumerable.Range(0, 100_000).Select(_ => stream.NextSingle()).ToArray();
        Assert.All(draws, x => Assert.InRange(x, 0f, 1f - 5.9e-8f));
        Assert.InRange(draws.Average(), 0.497, 0.503);
        Assert.InRange(draws.Average(x => (x - 0.5) * (x - 0.5)), 0.0823, 0.0843); // 1/12
    }

    [Fact]
    public void Singles_of_a_range_stay_in_it()
    {
        var stream = new RandomStream(1, 2, 3);
        Assert.All(Enumerable.Range(0, 10_000), _ => Assert.InRange(stream.NextSingle(-3f, 5f), -3f, 5f));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(10)]
    [InlineData(257)]
    public void Whole_numbers_are_uniform(int max)
    {
        const int Draws = 257_000;
        var stream = new RandomStream(11, 0, (ulong)max);
        var counts = new int[max];
        for (var i = 0; i < Draws; i++)
        {
            counts[stream.NextInt(max)]++;
        }
        var expected = Draws / (double)max;
        var chiSquare = counts.Sum(c => (c - expected) * (c - expected) / expected);
        Assert.True(chiSquare <= max - 1 + (5 * Math.Sqrt(2 * max)), $"chi-square {chiSquare} for {max} values");
    }

    [Fact]
    public void Large_ranges_are_not_biased_towards_small_numbers()
    {
        // 3 * 2^29 does not divide 2^32: a plain remainder would favor the lower two thirds by 3 to 2.
        var stream = new RandomStream(5, 5, 5);
        var lower = Enumerable.Range(0, 30_000).Count(_ => stream.NextInt(3 << 29) < 1 << 30);
        Assert.InRange(lower, 19_600, 20_400);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void A_range_without_numbers_is_rejected(int max)
    {
        var stream = new RandomStream(0, 0, 0);
        Assert.Throws<ArgumentOutOfRangeException>(() => stream.NextInt(max));
    }

    /// <summary>Percentage points as printed in tables of the normal distribution.</summary>
    [Theory]
    [InlineData(0.5, 0)]
    [InlineData(0.6, 0.2533471031)]
    [InlineData(0.975, 1.9599639845)]
    [InlineData(0.001, -3.0902323062)]
    [InlineData(0.999999, 4.7534243088)]
    [InlineData(1e-10, -6.3613409024)]
    [InlineData(1e-13, -7.3487961028)]
    public void The_normal_quantile_agrees_with_the_tables(double p, double expected) =>
        Assert.Equal(expected, NormalQuantile.Of(p), 2e-6);

    [Fact]
    public void Normal_draws_have_the_moments_of_the_normal_distribution()
    {
        var stream = new RandomStream(3, 1, 4);
        var draws = Enumerable.Range(0, 200_000).Select(_ => (double)stream.NextNormal()).ToArray();
        Assert.InRange(draws.Average(), -0.01, 0.01);
        Assert.InRange(draws.Average(x => x * x), 0.98, 1.02);
        Assert.InRange(draws.Average(x => x * x * x), -0.05, 0.05);
        Assert.InRange(draws.Average(x => x * x * x * x), 2.9, 3.1);
    }
}
