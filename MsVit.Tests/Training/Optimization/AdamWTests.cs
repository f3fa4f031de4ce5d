using MsVit.MLNet;
using MsVit.Tests.Golden;
using MsVit.Tests.Kernels.Neurons;
using static TorchSharp.torch;

namespace MsVit.Tests.Training.Optimization;

public sealed class AdamWTests
{
    public AdamWTests() => NativeTorch.EnsureLoaded();

    [Theory]
    [InlineData(0, 1)]
    [InlineData(0.05, 1)]
    [InlineData(0.05, 0.25)]
    public void Fifty_steps_are_those_of_torch(double decay, double gradientScale)
    {
        using var scope = NewDisposeScope();
        using var ours = new DrawnParameters();
        using var torchs = new DrawnParameters();
        using var optimizer = new AdamW(ours, new() { WeightDecay = decay });
        var all = torchs.parameters().ToArray();
        using var expected = optim.AdamW(
        [
            new TorchSharp.Modules.AdamW.ParamGroup(all.Where(p => p.dim() > 1).ToArray(), weight_decay: decay),
            new TorchSharp.Modules.AdamW.ParamGroup(all.Where(p => p.dim() <= 1).ToArray(), weight_decay: 0),
        ], lr: 1);
        for (var step = 0; step < 50; step++)
        {
            var rate = 0.01 * (1 + step % 7);
            foreach (var group in expected.ParamGroups)
            {
                group.LearningRate = rate;
            }
            ours.DrawGradients(step, scale: 1 / gradientScale);
            torchs.DrawGradients(step);
            optimizer.Step(rate, gradientScale);
            expected.step();
        }
        foreach (var ((name, mine), (_, other)) in ours.named_parameters().Zip(torchs.named_parameters()))
        {
            // Values of about 3, each of 50 steps rounded once or twice.
            Close.Within(4e-6, other, mine, name);
        }
        using var start = new DrawnParameters();
        Assert.All(start.parameters().Zip(ours.parameters()), pair => Assert.False(pair.First.allclose(pair.Second, atol: 0.05)));
    }

    [Fact]
    public void All_vectors_and_all_numbers_of_threads_give_the_same_bits()
    {
        using var scope = NewDisposeScope();
        var threads = get_num_threads();
        var results = new List<Tensor[]>();
        try
        {
            foreach (var (width, count) in Layers.Widths.SelectMany(width => new[] { (width, 1), (width, 3) }))
            {
                set_num_threads(count);
                using var drawn = new DrawnParameters();
                using var optimizer = new AdamW(drawn, new(), width);
                for (var step = 0; step < 5; step++)
                {
                    drawn.DrawGradients(step);
                    optimizer.Step(0.01, 0.7);
                }
                results.Add([.. drawn.parameters().Select(p => p.detach().clone()), .. optimizer.State().Values.Select(t => t.clone())]);
            }
        }
        finally
        {
            set_num_threads(threads);
        }
        Assert.All(results.Skip(1), result => Assert.All(result.Zip(results[0]),
            pair => Assert.True(pair.First.equal(pair.Second).all().item<bool>())));
    }

    [Fact]
    public void A_gradient_in_another_order_than_its_parameter_gives_the_same_step()
    {
        using var scope = NewDisposeScope();
        using var one = new DrawnParameters();
        using var other = new DrawnParameters();
        using var inOnePass = new AdamW(one, new());
        using var byOperations = new AdamW(other, new());
        for (var step = 0; step < 10; step++)
        {
            one.DrawGradients(step);
            other.DrawGradients(step);
            foreach (var parameter in other.parameters().Where(p => p.dim() > 1))
            {
                var back = Enumerable.Range(0, (int)parameter.dim()).Select(axis => (long)axis).Reverse().ToArray();
                parameter.grad = parameter.grad!.permute(back).contiguous().permute(back);
            }
            inOnePass.Step(0.01);
            byOperations.Step(0.01);
        }
        Assert.All(one.parameters().Zip(other.parameters()), pair => Close.Within(1e-6, pair.First, pair.Second, "parameter"));
    }

    [Fact]
    public void Moments_lie_in_memory_as_their_parameter_does()
    {
        using var drawn = new DrawnParameters();
        using var optimizer = new AdamW(drawn, new());
        var state = optimizer.State();
        Assert.All(drawn.named_parameters(), item => Assert.Equal(item.parameter.stride(), state["adamw.m/" + item.name].stride()));
        Assert.False(drawn.get_parameter("conv_weight")!.is_contiguous());
    }

    [Fact]
    public void Frozen_parameters_and_those_without_a_gradient_stay_as_they_are()
    {
        using var scope = NewDisposeScope();
        using var drawn = new DrawnParameters();
        drawn.get_parameter("linear_weight")!.requires_grad_(false);
        using var optimizer = new AdamW(drawn, new());
        Assert.Equal(1 + 13 + (8 * 27) + (300 * 301), optimizer.Count);
        using var before = new DrawnParameters();
        drawn.DrawGradients(0);
        drawn.get_parameter("bias")!.grad = null;
        optimizer.Step(0.1);
        string[] changed = [.. before.named_parameters().Zip(drawn.named_parameters())
            .Where(pair => !pair.First.parameter.equal(pair.Second.parameter).all().item<bool>()).Select(pair => pair.First.name)];
        Assert.Equal(["scalar", "conv_weight", "large_weight"], changed);
    }

    [Fact]
    public void Steps_of_joined_parameters_are_those_of_each_also_where_one_has_lost_its_gradient()
    {
        using var scope = NewDisposeScope();
        using var one = new DrawnParameters();
        using var other = new DrawnParameters();
        using var single = new AdamW(one, new() { WeightDecay = 0.05 });
        using var joined = new AdamW(other, new() { WeightDecay = 0.05 });
        var (scale, taken) = (tensor(0.7, dtype: float64), tensor(true));
        for (var step = 0; step < 12; step++)
        {
            one.DrawGradients(step);
            other.DrawGradients(step);
            if (step is 4 or 5)
            {
                one.get_parameter("conv_weight")!.grad = null;
                other.get_parameter("conv_weight")!.grad = null;
            }
            single.Step(0.01, 0.7);
            var gradients = joined.Gradients(joined: true);
            Assert.Equal(step is 4 or 5 ? 3 : 2, gradients.Pieces.Count);
            joined.StepIf(gradients, taken, 0.01, scale);
            if (step == 7)
            {
                // Stored and loaded, moments stay where they are.
                joined.Load(joined.State().ToDictionary(item => item.Key, item => item.Value.clone()));
            }
        }
        Assert.All(one.parameters().Zip(other.parameters()), pair => Close.Within(1e-6, pair.First, pair.Second, "parameter"));
        var state = joined.State();
        Assert.All(single.State().Where(item => item.Key != "adamw.step"),
            item => Close.Within(1e-6, item.Value, state[item.Key], item.Key));
        Assert.Equal(12, joined.Steps);
    }

    [Theory]
    [InlineData("large_weight")]
    [InlineData("linear_weight")]
    [InlineData("bias")]
    public void The_first_gradient_that_is_not_finite_is_named(string name)
    {
        using var scope = NewDisposeScope();
        using var drawn = new DrawnParameters();
        using var optimizer = new AdamW(drawn, new());
        drawn.DrawGradients(0);
        var whole = optimizer.Gradients(joined: true);
        Assert.False(whole.FindNonFiniteOnDevice().IsThere.item<bool>());
        var squares = drawn.parameters().Sum(parameter => parameter.grad!.to(float64).square().sum().item<double>());
        Assert.Equal(Math.Sqrt(squares), whole.NormOnDevice().item<double>(), 1e-3);
        drawn.get_parameter(name)!.grad!.view(-1)[-1] = float.NaN;
        Assert.Equal(name, Named());
        // In a step whose gradients are cut into other pieces it has the same place.
        drawn.get_parameter("conv_weight")!.grad = null;
        Assert.Equal(name, Named());

        string Named()
        {
            var (place, isThere) = optimizer.Gradients(joined: true).FindNonFiniteOnDevice();
            Assert.True(isThere.item<bool>());
            return optimizer.NameAt(place.item<double>());
        }
    }

    [Fact]
    public void Training_goes_on_from_a_stored_state_as_if_it_had_not_stopped()
    {
        using var scope = NewDisposeScope();
        using var drawn = new DrawnParameters();
        using var first = new AdamW(drawn, new());
        Steps(drawn, first, 0, 3);
        var state = first.State().ToDictionary(item => item.Key, item => item.Value.clone());
        state["other"] = zeros(1);
        var weights = drawn.parameters().Select(p => p.detach().clone()).ToArray();
        Steps(drawn, first, 3, 6);

        using var resumed = new DrawnParameters(seed: 2);
        using (no_grad())
        {
            foreach (var (parameter, value) in resumed.parameters().Zip(weights))
            {
                parameter.copy_(value);
            }
        }
        using var second = new AdamW(resumed, new());
        second.Load(state);
        Assert.Equal(3, second.Steps);
        Steps(resumed, second, 3, 6);
        Assert.All(drawn.parameters().Zip(resumed.parameters()), pair => Close.Equal(pair.First, pair.Second, "parameter"));
    }

    [Fact]
    public void A_state_that_does_not_fit_is_refused_with_all_that_is_wrong_and_changes_nothing()
    {
        using var scope = NewDisposeScope();
        using var drawn = new DrawnParameters();
        using var optimizer = new AdamW(drawn, new());
        Steps(drawn, optimizer, 0, 2);
        var state = optimizer.State().ToDictionary(item => item.Key, item => item.Value + 1);
        state.Remove("adamw.v/bias");
        state["adamw.m/linear_weight"] = zeros(5, 7);
        state["adamw.m/scalar"] = zeros([], dtype: float64);
        state["adamw.m/none"] = zeros(1);
        var before = optimizer.State().Select(item => item.Value.clone()).ToArray();

        var message = Assert.Throws<ArgumentException>(() => optimizer.Load(state)).Message;
        Assert.All(
            ["'adamw.v/bias' is missing", "'adamw.m/linear_weight' is Float32 [5, 7], expected Float32 [7, 5]",
                "'adamw.m/scalar' is Float64 []", "'adamw.m/none' is unknown"],
            part => Assert.Contains(part, message, StringComparison.Ordinal));
        Assert.Equal(2, optimizer.Steps);
        Assert.All(before.Zip(optimizer.State().Values), pair => Close.Equal(pair.First, pair.Second, "state"));
    }

    [Fact]
    public void Steps_leave_no_tensor_behind_and_a_scope_around_the_optimizer_does_not_end_its_state()
    {
        using var drawn = new DrawnParameters();
        AdamW optimizer;
        using (NewDisposeScope())
        {
            optimizer = new AdamW(drawn, new());
        }
        using var disposed = optimizer;
        drawn.DrawGradients(0);
        optimizer.Step(0.01);
        var before = Live();
        for (var step = 0; step < 20; step++)
        {
            optimizer.Step(0.01);
        }
        Assert.Equal(before, Live());

        static long Live()
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            return Tensor.TotalCount;
        }
    }

    [Fact]
    public void Options_out_of_range_are_named_together()
    {
        using var drawn = new DrawnParameters();
        var message = Assert.Throws<ArgumentException>(() => new AdamW(
            drawn, new() { Beta1 = 1, LayerDecay = 0, WeightDecay = double.NaN })).Message;
        Assert.All(["Beta1", "LayerDecay is 0", "WeightDecay is NaN"], part => Assert.Contains(part, message, StringComparison.Ordinal));
    }

    private static void Steps(DrawnParameters drawn, AdamW optimizer, int from, int to)
    {
        for (var step = from; step < to; step++)
        {
            drawn.DrawGradients(step);
            optimizer.Step(0.01);
        }
    }
}
