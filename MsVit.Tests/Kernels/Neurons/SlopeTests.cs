using MsVit.MLNet.Kernels;

namespace MsVit.Tests.Kernels.Neurons;

public sealed unsafe class SlopeTests
{
    [Theory]
    [InlineData(1f)]
    [InlineData(4f)]
    [InlineData(10f)]
    public void The_sigmoid_slope_is_within_its_stated_error(float alpha)
    {
        for (var x = -30f; x <= 30; x += 1f / 4096)
        {
            var g = 1 / (1 + Math.Exp(-(double)alpha * x));
            Assert.InRange(Sigmoid(x, alpha), (alpha * g * (1 - g)) - 5e-8 * alpha, (alpha * g * (1 - g)) + 5e-8 * alpha);
        }
    }

    [Fact]
    public void The_sigmoid_slope_is_a_quarter_of_alpha_at_the_threshold_and_vanishes_far_from_it()
    {
        Assert.Equal(1, Sigmoid(0, 4));
        Assert.Equal(0, Sigmoid(100, 4));
        Assert.Equal(0, Sigmoid(float.NegativeInfinity, 4));
        Assert.True(float.IsNaN(Sigmoid(float.NaN, 4)));
    }

    [Fact]
    public void The_arctangent_slope_is_within_rounding()
    {
        for (var x = -30f; x <= 30; x += 1f / 1024)
        {
            var exact = 1 / (1 + Math.PI * x * Math.PI * x);
            Assert.InRange(ATan(x, 2), exact - 2e-7, exact + 2e-7);
        }
    }

    private static float Sigmoid(float x, float alpha)
    {
        float slope;
        SigmoidSlope<LanesScalar>.Of(alpha).At(LanesScalar.Splat(x)).Store(&slope);
        return slope;
    }

    private static float ATan(float x, float alpha)
    {
        float slope;
        ATanSlope<LanesScalar>.Of(alpha).At(LanesScalar.Splat(x)).Store(&slope);
        return slope;
    }
}
