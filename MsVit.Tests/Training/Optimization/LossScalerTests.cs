using MsVit.MLNet;

namespace MsVit.Tests.Training.Optimization;

public sealed class LossScalerTests
{
    [Fact]
    public void The_scale_doubles_after_two_thousand_finite_steps_in_a_row()
    {
        var scaler = new LossScaler();
        Assert.Equal(65536, scaler.Scale);
        Times(scaler, 1999);
        Assert.Equal(65536, scaler.Scale);
        Times(scaler, 1);
        Assert.Equal(131072, scaler.Scale);
    }

    [Fact]
    public void A_step_that_is_not_finite_halves_the_scale_and_begins_the_count_anew()
    {
        var scaler = new LossScaler();
        Times(scaler, 1999);
        scaler.Update(isFinite: false);
        Assert.Equal(new LossScaler.ScaleState(32768, 0), scaler.State);
        Times(scaler, 1999);
        Assert.Equal(32768, scaler.Scale);
    }

    [Fact]
    public void The_scale_never_grows_beyond_float32()
    {
        var scaler = new LossScaler(Math.Pow(2, 127));
        Times(scaler, 2000);
        Assert.Equal(new LossScaler.ScaleState(Math.Pow(2, 127), 0), scaler.State);
    }

    [Fact]
    public void Gradients_that_no_scale_makes_finite_leave_the_loss_as_it_is()
    {
        var scaler = new LossScaler();
        for (var halving = 0; halving < 16; halving++)
        {
            Assert.False(scaler.IsLeast);
            scaler.Update(isFinite: false);
        }
        Assert.True(scaler.IsLeast);
        scaler.Update(isFinite: false);
        Assert.Equal(new LossScaler.ScaleState(1, 0), scaler.State);
    }

    [Fact]
    public void It_goes_on_from_where_it_stood_and_refuses_what_cannot_be()
    {
        var scaler = new LossScaler();
        Times(scaler, 1500);
        var other = new LossScaler { State = scaler.State };
        Times(other, 500);
        Assert.Equal(131072, other.Scale);
        Assert.Throws<ArgumentException>(() => other.State = new(0.5, 0));
        Assert.Throws<ArgumentException>(() => other.State = new(double.NaN, 0));
        Assert.Throws<ArgumentException>(() => other.State = new(1, 2000));
    }

    private static void Times(LossScaler scaler, int steps)
    {
        for (var step = 0; step < steps; step++)
        {
            scaler.Update(isFinite: true);
        }
    }
}
