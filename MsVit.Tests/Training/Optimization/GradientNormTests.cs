using MsVit.MLNet;
using static TorchSharp.torch;

namespace MsVit.Tests.Training.Optimization;

public sealed class GradientNormTests
{
    public GradientNormTests() => NativeTorch.EnsureLoaded();

    [Fact]
    public void The_norm_is_the_root_of_the_sum_of_all_squares()
    {
        using var scope = NewDisposeScope();
        using var drawn = new DrawnParameters();
        drawn.DrawGradients(0);
        var squares = drawn.parameters().Sum(p => p.grad!.to(float64).square().sum().item<double>());
        Assert.Equal(Math.Sqrt(squares), Gradients(drawn).Norm(), 10);
    }

    [Fact]
    public void The_number_of_threads_does_not_change_a_bit()
    {
        using var drawn = new DrawnParameters();
        drawn.DrawGradients(0);
        var threads = get_num_threads();
        try
        {
            set_num_threads(1);
            var one = Gradients(drawn).Norm();
            set_num_threads(4);
            Assert.Equal(BitConverter.DoubleToInt64Bits(one), BitConverter.DoubleToInt64Bits(Gradients(drawn).Norm()));
        }
        finally
        {
            set_num_threads(threads);
        }
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void One_element_that_is_not_finite_makes_the_norm_so(float value)
    {
        using var scope = NewDisposeScope();
        using var drawn = new DrawnParameters();
        drawn.DrawGradients(0);
        drawn.get_parameter("large_weight")!.grad![299, 300] = value;
        Assert.False(double.IsFinite(Gradients(drawn).Norm()));
        Assert.Equal("large_weight", Gradients(drawn).FindNonFinite());
    }

    [Fact]
    public void Gradients_as_large_as_float32_holds_have_a_finite_norm()
    {
        using var scope = NewDisposeScope();
        using var drawn = new DrawnParameters();
        drawn.DrawGradients(0, scale: 1e37);
        Assert.InRange(Gradients(drawn).Norm(), 1e38, 1e40);
    }

    [Fact]
    public void A_gradient_with_gaps_in_memory_counts_its_own_elements_alone()
    {
        using var scope = NewDisposeScope();
        using var drawn = new DrawnParameters();
        drawn.get_parameter("linear_weight")!.grad = ones(7, 10)[.., ..5];
        Assert.Equal(Math.Sqrt(35), Gradients(drawn).Norm(), 12);
    }

    [Fact]
    public void A_network_without_gradients_has_a_norm_of_zero()
    {
        using var drawn = new DrawnParameters();
        Assert.Equal(0, Gradients(drawn).Norm());
    }

    [Theory]
    [InlineData(4, 1, 0.25)]
    [InlineData(0.5, 1, 1)]
    [InlineData(0, 1, 1)]
    public void Clipping_shortens_what_is_too_long_to_the_given_norm(double norm, double max, double factor) =>
        Assert.Equal(factor, GradientNorm.ClippingFactor(norm, max), 6);

    private static StepGradients Gradients(DrawnParameters drawn)
    {
        using var optimizer = new AdamW(drawn, new());
        return optimizer.Gradients(joined: false);
    }
}
