using System.Collections.Concurrent;
using MsVit.MLNet;
using MsVit.MLNet.Kernels;
using MsVit.Tests.Golden;
using TorchSharp;

namespace MsVit.Tests.Kernels.Neurons;

[Collection(FusedTests.Name)]
public sealed class FusedLifTests
{
    public static TheoryData<string> Names => [.. Layers.All.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_fused_layer_fires_and_passes_gradients_back_as_the_composed_one(string name)
    {
        var (dynamics, w) = Layers.All[name];
        foreach (var steps in new[] { 1, 2, 3, 4, 7, 16 })
        {
            foreach (var neurons in new long[] { 1, 31, 300 })
            {
                using var scope = torch.NewDisposeScope();
                var x = Layers.Currents((ulong)(100 * steps + neurons), steps, neurons);
                var upstream = Layers.Signs((ulong)steps, steps, neurons);
                var eager = Layers.Eager(x, dynamics, w, upstream);
                var scalar = Layers.Fused(x, dynamics, w, upstream, LaneWidth.Scalar);
                Close.Equal(eager.Spikes, scalar.Spikes, $"{steps} x {neurons}: spikes");
                Close.Within(1e-6, eager.X, scalar.X, $"{steps} x {neurons}: gradient of x");
                if (w is not null)
                {
                    // A single step with the whole input never uses w.
                    Close.Within(1e-6 * steps * neurons, eager.W ?? torch.tensor(0f), scalar.W!, $"{steps} x {neurons}: gradient of w");
                }
                foreach (var width in Layers.Widths)
                {
                    Layers.Fused(x, dynamics, w, upstream, width).Is(scalar, $"{steps} x {neurons}, {width}");
                }
            }
        }
    }

    [Fact]
    public void The_gradient_of_w_is_that_of_exact_arithmetic()
    {
        using var scope = torch.NewDisposeScope();
        // With a rate of 1/2 and these inputs, four steps are exact in float32.
        var x = (Layers.Currents(1, 4, 50_000) * 64).round() / 64;
        var upstream = torch.ones(4, 50_000);
        var exact = Layers.Eager(x.to_type(torch.float64), Layers.Published, 0, upstream.to_type(torch.float64));
        var fused = Layers.Fused(x, Layers.Published, 0, upstream);
        Close.Equal(exact.Spikes, fused.Spikes, "spikes");
        Close.Within(1e-6 * Math.Abs(exact.W!.item<double>()), exact.W!, fused.W!, "gradient of w");
    }

    [Theory]
    [InlineData("published", 4, 700_000)]
    [InlineData("tau 3", 4, 524_288)]
    [InlineData("ATan", 300, 4_001)]
    [InlineData("PLIF, w -0.7, threshold 0.5", 4, 700_003)]
    [InlineData("PLIF, w 0.4, whole input", 1, 1_500_000)]
    public void The_number_of_threads_changes_no_bit(string name, long steps, long neurons)
    {
        var (dynamics, w) = Layers.All[name];
        using var scope = torch.NewDisposeScope();
        var x = Layers.Currents(2, steps, neurons);
        var upstream = Layers.Signs(3, steps, neurons);
        var before = torch.get_num_threads();
        try
        {
            torch.set_num_threads(1);
            var one = Layers.Fused(x, dynamics, w, upstream);
            Close.Equal(EagerLif.Fire(x, dynamics, new(), w is { } value ? torch.tensor(value) : null), one.Spikes, "spikes");
            foreach (var threads in new[] { 2, 3 })
            {
                torch.set_num_threads(threads);
                Layers.Fused(x, dynamics, w, upstream).Is(one, $"{threads} threads");
                Layers.Fused(x, dynamics, w, upstream, LaneWidth.Bits128).Is(one, $"{threads} threads, 128 bits");
            }
        }
        finally
        {
            torch.set_num_threads(before);
        }
    }

    [Fact]
    public void Four_threads_at_once_get_what_one_gets()
    {
        using var scope = torch.NewDisposeScope();
        var x = Layers.Currents(4, 4, 60_000);
        var upstream = Layers.Signs(5, 4, 60_000);
        var alone = Layers.Fused(x, Layers.Published, 0.4f, upstream);
        var failures = new ConcurrentQueue<Exception>();
        var threads = Enumerable.Range(0, 4).Select(_ => new Thread(() =>
        {
            try
            {
                for (var call = 0; call < 10; call++)
                {
                    using var inner = torch.NewDisposeScope();
                    Layers.Fused(x, Layers.Published, 0.4f, upstream).Is(alone, $"call {call}");
                }
            }
            catch (Exception e)
            {
                failures.Enqueue(e);
            }
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        Assert.Empty(failures);
    }

    [Fact]
    public void Views_give_what_their_copies_give()
    {
        using var scope = torch.NewDisposeScope();
        var stills = Layers.Currents(6, 3, 5, 7);
        var frames = Layers.Currents(7, 8, 5, 6, 7);
        var views = new Dictionary<string, torch.Tensor>
        {
            ["a still image"] = stills.unsqueeze(0).expand(6, 3, 5, 7),
            ["every second step"] = frames[torch.TensorIndex.Slice(1, null, 2)],
            ["one step of many"] = frames[torch.TensorIndex.Slice(3, 4)],
            ["some channels"] = frames[.., 1..3],
            ["time last in memory"] = frames.permute(1, 2, 3, 0).contiguous().permute(3, 0, 1, 2),
            ["batch first in memory"] = frames.transpose(0, 1),
            ["one neuron"] = frames[.., 2, 3, 4],
        };
        foreach (var (name, view) in views)
        {
            foreach (var w in new float?[] { null, 0.4f })
            {
                var upstream = Layers.Signs(8, view.shape);
                var expected = Layers.Fused(view.contiguous(), Layers.Published, w, upstream);
                Layers.Fused(view, Layers.Published, w, upstream).Is(expected, name);
                Close.Equal(Layers.Eager(view, Layers.Published, w, upstream).Spikes, expected.Spikes, name);
            }
        }
    }

    [Fact]
    public void A_still_image_gets_the_gradients_of_all_its_time_steps()
    {
        using var scope = torch.NewDisposeScope();
        var fused = Layers.Currents(9, 200).requires_grad_();
        var eager = fused.detach().clone().requires_grad_();
        FusedLif.Fire(fused.unsqueeze(0).expand(5, 200), Layers.Published, new()).sum().backward();
        EagerLif.Fire(eager.unsqueeze(0).expand(5, 200), Layers.Published, new()).sum().backward();
        Close.Within(5e-6, eager.grad!, fused.grad!, "gradient of the image");
    }

    [Fact]
    public void Upstream_gradients_may_be_views_too()
    {
        using var scope = torch.NewDisposeScope();
        var x = Layers.Currents(10, 4, 6, 9);
        var row = Layers.Signs(11, 6, 9);
        var turned = Layers.Signs(12, 9, 6, 4);
        foreach (var upstream in new[] { row.unsqueeze(0).expand(4, 6, 9), turned.permute(2, 1, 0), torch.ones(1).expand(4, 6, 9) })
        {
            var expected = Layers.Fused(x, Layers.Published, null, upstream.contiguous());
            Layers.Fused(x, Layers.Published, null, upstream).Is(expected, "view");
        }
    }

    [Fact]
    public void Infinite_and_undefined_inputs_give_what_the_composed_layer_gives()
    {
        using var scope = torch.NewDisposeScope();
        float[] strange =
            [float.NaN, float.PositiveInfinity, float.NegativeInfinity, float.MaxValue, -float.MaxValue, float.Epsilon, -0f, 0];
        var x = Layers.Currents(13, 4, 8, 20);
        for (var t = 0; t < 4; t++)
        {
            x[t, .., t] = torch.tensor(strange);
        }
        // With an attached reset, the last step's infinite membrane times a gradient of zero is NaN here and absent in torch.
        foreach (var (name, (dynamics, w)) in Layers.All.Where(layer => layer.Value.Dynamics.DetachReset))
        {
            var upstream = torch.ones_like(x);
            var eager = Layers.Eager(x, dynamics, w, upstream);
            foreach (var width in Layers.Widths)
            {
                var fused = Layers.Fused(x, dynamics, w, upstream, width);
                Close.Equal(eager.Spikes.isnan(), fused.Spikes.isnan(), $"{name}, {width}: undefined spikes");
                Close.Equal(eager.Spikes.nan_to_num(), fused.Spikes.nan_to_num(), $"{name}, {width}: spikes");
                Close.Equal(eager.X.isnan(), fused.X.isnan(), $"{name}, {width}: undefined gradients");
                Close.Within(1e-6, eager.X.nan_to_num(), fused.X.nan_to_num(), $"{name}, {width}: gradient of x");
            }
        }
    }

    [Theory]
    [InlineData(SurrogateFunction.Sigmoid, 0.5f)]
    [InlineData(SurrogateFunction.ATan, 0.5f)]
    public void A_membrane_exactly_at_the_threshold_fires_with_the_steepest_slope(SurrogateFunction function, float expected)
    {
        foreach (var width in Layers.Widths)
        {
            using var scope = torch.NewDisposeScope();
            var dynamics = Layers.Published with { Surrogate = Surrogate.Of(function) };
            var outcome = Layers.Fused(torch.full([1, 37], 2f), dynamics, null, torch.ones(1, 37), width);
            Assert.All(outcome.Spikes.data<float>().ToArray(), spike => Assert.Equal(1, spike));
            Assert.All(outcome.X.data<float>().ToArray(), gradient => Assert.Equal(expected, gradient));
        }
    }

    [Fact]
    public void An_empty_batch_gives_empty_spikes_and_gradients()
    {
        using var scope = torch.NewDisposeScope();
        var x = torch.zeros(4, 0, 3).requires_grad_();
        var spikes = LifKernel.Fire(x, Layers.Published, new());
        spikes.sum().backward();
        Assert.Equal([4, 0, 3], spikes.shape);
        Assert.Equal([4, 0, 3], x.grad!.shape);
    }

    [Fact]
    public void Backward_may_be_called_again_on_a_graph_that_is_kept()
    {
        using var scope = torch.NewDisposeScope();
        var x = Layers.Currents(14, 4, 100).requires_grad_();
        var w = torch.tensor(0.4f).requires_grad_();
        var spikes = FusedLif.Fire(x, Layers.Published, new(), w).sum();
        var first = torch.autograd.grad([spikes], [x, w], retain_graph: true);
        var second = torch.autograd.grad([spikes], [x, w]);
        Close.Equal(first[0], second[0], "gradient of x");
        Close.Equal(first[1], second[1], "gradient of w");
    }

    [Fact]
    public void A_w_that_is_not_learned_gets_no_gradient()
    {
        using var scope = torch.NewDisposeScope();
        var x = Layers.Currents(15, 4, 100).requires_grad_();
        using var w = torch.tensor(0.4f);
        FusedLif.Fire(x, Layers.Published, new(), w).sum().backward();
        Assert.NotNull(x.grad);
        Assert.Null(w.grad);
    }

    [Fact]
    public void W_alone_may_be_learned()
    {
        using var scope = torch.NewDisposeScope();
        var x = Layers.Currents(16, 4, 100);
        var w = torch.tensor(0.4f).requires_grad_();
        FusedLif.Fire(x, Layers.Published, new(), w).sum().backward();
        Close.Within(1e-4, Layers.Eager(x, Layers.Published, 0.4f, torch.ones_like(x)).W!, w.grad!, "gradient of w");
    }

    [Fact]
    public void What_the_fused_layer_does_not_cover_is_left_to_the_composed_one()
    {
        using var scope = torch.NewDisposeScope();
        var x = torch.ones(2, 3);
        Assert.True(FusedLif.Covers(x, Layers.Published));
        Assert.True(FusedLif.Covers(x, Layers.Published, torch.tensor(0f)));
        var erf = Layers.Published with { Surrogate = Surrogate.Of(SurrogateFunction.Erf) };
        Assert.True(FusedLif.Covers(x, erf));
        Assert.False(FusedLif.Covers(x.clone().requires_grad_(), erf));
        Assert.False(FusedLif.Covers(x.to_type(torch.float64), Layers.Published));
        Assert.False(FusedLif.Covers(x.to_type(torch.float16), Layers.Published));
        Assert.False(FusedLif.Covers(x, Layers.Published, torch.zeros(3)));
        Assert.Equal(torch.float16, LifKernel.Fire(x.to_type(torch.float16), Layers.Published, new()).dtype);
    }
}
