using MsVit.MLNet;

namespace MsVit.Tests.Training.Augmentation;

public sealed class MixupTests
{
    [Fact]
    public void Each_sample_is_mixed_with_the_one_at_its_mirror_place_and_the_middle_one_stays()
    {
        float[] batch = [1, 2, 10, 20, 100, 200];
        Mixup.Apply(batch, samples: 3, lambda: 0.25);
        Assert.Equal([75.25f, 150.5f, 10, 20, 25.75f, 51.5f], batch);
    }

    /// <summary>Beta(a, a) has mean 1/2 and variance 1 / (4 (2 a + 1)).</summary>
    [Theory]
    [InlineData(0.1)]
    [InlineData(0.5)]
    [InlineData(1)]
    [InlineData(3)]
    public void Lambda_has_the_moments_of_the_beta_distribution(double alpha)
    {
        var random = new RandomStream(1, 2, 3);
        var draws = Enumerable.Range(0, 20_000).Select(_ => BetaDraw.Next(alpha, ref random)).ToArray();
        Assert.All(draws, draw => Assert.InRange(draw, 0, 1));
        Assert.InRange(draws.Average(), 0.485, 0.515);
        var variance = 1 / (4 * ((2 * alpha) + 1));
        Assert.InRange(draws.Average(draw => (draw - 0.5) * (draw - 0.5)), variance * 0.95, variance * 1.05);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(5)]
    [InlineData(double.NaN)]
    public void An_alpha_out_of_range_is_refused(double alpha)
    {
        Assert.Throws<ArgumentOutOfRangeException>(Draw);

        void Draw()
        {
            var random = new RandomStream(1, 2, 3);
            BetaDraw.Next(alpha, ref random);
        }
    }
}
