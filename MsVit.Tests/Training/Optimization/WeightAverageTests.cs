using MsVit.MLNet;
using MsVit.Tests.Golden;
using static TorchSharp.torch;

namespace MsVit.Tests.Training.Optimization;

public sealed class WeightAverageTests
{
    public WeightAverageTests() => NativeTorch.EnsureLoaded();

    [Fact]
    public void Parameters_are_averaged_and_buffers_are_copied()
    {
        using var scope = NewDisposeScope();
        using var drawn = new DrawnParameters();
        using var average = new WeightAverage(drawn, decay: 0.9);
        var expected = drawn.get_parameter("bias")!.detach().clone();
        for (var step = 1; step <= 3; step++)
        {
            Shift(drawn, step);
            average.Update();
            expected = (expected * 0.9) + (drawn.get_parameter("bias")!.detach() * 0.1);
        }
        var state = average.State();
        Close.Within(1e-6, expected, state["ema.weight/bias"], "bias");
        Close.Equal(drawn.get_buffer("mean")!, state["ema.weight/mean"], "mean");
        Assert.Equal(6, state["ema.weight/count"].item<long>());
        Assert.Equal(3, state["ema.step"].item<long>());
    }

    [Fact]
    public void With_warm_up_the_first_step_takes_the_weights_and_later_ones_keep_ever_more()
    {
        using var scope = NewDisposeScope();
        using var drawn = new DrawnParameters();
        using var average = new WeightAverage(drawn, decay: 0.7, warmup: true);
        var decays = new List<double>();
        for (var step = 0; step < 8; step++)
        {
            decays.Add(Math.Round(average.Decay, 4));
            Shift(drawn, 1);
            average.Update();
            if (step == 0)
            {
                Close.Equal(drawn.get_parameter("bias")!, average.State()["ema.weight/bias"], "bias");
            }
        }
        // 1 - (1 + n)^(-2/3), at most 0.7.
        Assert.Equal([0, 0.37, 0.5193, 0.6031, 0.658, 0.6971, 0.7, 0.7], decays);
    }

    [Fact]
    public void The_network_has_the_average_for_as_long_as_it_is_swapped_in()
    {
        using var scope = NewDisposeScope();
        using var drawn = new DrawnParameters();
        using var average = new WeightAverage(drawn, decay: 0.5);
        Shift(drawn, 2);
        average.Update();
        var own = drawn.state_dict().ToDictionary(item => item.Key, item => item.Value.detach().clone());
        var averaged = average.State().ToDictionary(item => item.Key, item => item.Value.clone());
        using (average.SwapIn())
        {
            Assert.All(drawn.state_dict(), item => Close.Equal(averaged["ema.weight/" + item.Key], item.Value.detach(), item.Key));
            Assert.Throws<InvalidOperationException>(() => average.Update());
            Assert.Throws<InvalidOperationException>(() => average.State());
            Assert.Throws<InvalidOperationException>(() => average.SwapIn());
        }
        Assert.All(drawn.state_dict(), item => Close.Equal(own[item.Key], item.Value.detach(), item.Key));
        Assert.All(average.State(), item => Close.Equal(averaged[item.Key], item.Value, item.Key));
        Assert.True((own["bias"] - averaged["ema.weight/bias"]).abs().min().item<float>() > 0.5);
    }

    [Fact]
    public void An_average_goes_on_from_a_stored_state_and_refuses_one_that_does_not_fit()
    {
        using var scope = NewDisposeScope();
        using var drawn = new DrawnParameters();
        using var average = new WeightAverage(drawn, decay: 0.5, warmup: true);
        Shift(drawn, 1);
        average.Update();
        var state = average.State().ToDictionary(item => item.Key, item => item.Value.clone());
        using var other = new WeightAverage(drawn, decay: 0.5, warmup: true);
        other.Load(state);
        Assert.Equal(average.Decay, other.Decay);
        Assert.All(average.State(), item => Close.Equal(item.Value, other.State()[item.Key], item.Key));

        state.Remove("ema.weight/mean");
        state["ema.weight/bias"] = zeros(2);
        var message = Assert.Throws<ArgumentException>(() => other.Load(state)).Message;
        Assert.All(["'ema.weight/mean' is missing", "'ema.weight/bias' is Float32 [2], expected Float32 [13]"],
            part => Assert.Contains(part, message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(-0.1)]
    [InlineData(1)]
    [InlineData(double.NaN)]
    public void A_decay_out_of_range_is_refused(double decay)
    {
        using var drawn = new DrawnParameters();
        Assert.Contains("decay", Assert.Throws<ArgumentException>(() => new WeightAverage(drawn, decay)).Message, StringComparison.Ordinal);
    }

    private static void Shift(DrawnParameters drawn, int by)
    {
        using var noGrad = no_grad();
        foreach (var (_, value) in drawn.state_dict())
        {
            value.add_(by);
        }
    }
}
