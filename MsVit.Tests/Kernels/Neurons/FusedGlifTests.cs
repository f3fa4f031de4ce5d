using MsVit.MLNet;
using MsVit.MLNet.Kernels;
using MsVit.Tests.Golden;
using TorchSharp;

namespace MsVit.Tests.Kernels.Neurons;

[Collection(FusedTests.Name)]
public sealed class FusedGlifTests
{
    public static TheoryData<string> Names => [.. GlifLayers.All.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_fused_layer_fires_and_passes_gradients_back_as_the_composed_one(string name)
    {
        foreach (var steps in new[] { 1, 2, 3, 4, 7, 16 })
        {
            foreach (var neurons in new long[] { 1, 31, 300 })
            {
                using var scope = torch.NewDisposeScope();
                var x = Layers.Currents((ulong)(100 * steps + neurons), steps, neurons);
                var upstream = Layers.Signs((ulong)steps, steps, neurons);
                var composed = GlifLayers.Composed(name, x, upstream);
                var scalar = GlifLayers.Fused(name, x, upstream, LaneWidth.Scalar);
                Close.Equal(composed.Spikes, scalar.Spikes, $"{steps} x {neurons}: spikes");
                Close.Within(2e-6, composed.X, scalar.X, $"{steps} x {neurons}: gradient of x");
                foreach (var (key, expected) in composed.Parameters)
                {
                    Close.Within(1e-6 * steps * neurons, expected, scalar.Parameters[key], $"{steps} x {neurons}: gradient of {key}");
                }
                foreach (var width in Layers.Widths)
                {
                    GlifLayers.Fused(name, x, upstream, width).Is(scalar, $"{steps} x {neurons}, {width}");
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Gradients_of_parameters_are_those_of_double_precision(string name)
    {
        using var scope = torch.NewDisposeScope();
        var x = GlifLayers.Clear(name, Layers.Currents(1, 4, 50_000));
        // All of one sign, so that the sums are long and do not cancel.
        var upstream = torch.ones_like(x);
        var exact = GlifLayers.Composed(name, x.to_type(torch.float64), upstream.to_type(torch.float64));
        var fused = GlifLayers.Fused(name, x, upstream);
        Close.Equal(exact.Spikes, fused.Spikes, "spikes");
        Close.Within(1e-5, exact.X, fused.X, "gradient of x");
        // A reset that is nearly hard has 1 - S(gamma) = 6e-6, of which float32 gives two digits: its gradient is small, not exact.
        foreach (var (key, expected) in exact.Parameters)
        {
            var scale = expected.abs().max().item<double>();
            Close.Within(2e-6 * scale + 1e-3, expected, fused.Parameters[key], $"gradient of {key}, up to {scale}");
        }
    }

    [Theory]
    [InlineData("gates turned", 4, 700_003)]
    [InlineData("initial", 4, 524_288)]
    [InlineData("ATan", 300, 4_001)]
    [InlineData("keeps almost all", 1, 1_500_000)]
    public void The_number_of_threads_changes_no_bit(string name, long steps, long neurons)
    {
        using var scope = torch.NewDisposeScope();
        var x = Layers.Currents(2, steps, neurons);
        var upstream = Layers.Signs(3, steps, neurons);
        var before = torch.get_num_threads();
        try
        {
            torch.set_num_threads(1);
            var one = GlifLayers.Fused(name, x, upstream);
            using (var neuron = GlifLayers.Create(name, steps))
            using (torch.no_grad())
            {
                Close.Equal(neuron.Composed(x, new()), one.Spikes, "spikes");
            }
            foreach (var threads in new[] { 2, 3 })
            {
                torch.set_num_threads(threads);
                GlifLayers.Fused(name, x, upstream).Is(one, $"{threads} threads");
                GlifLayers.Fused(name, x, upstream, LaneWidth.Bits128).Is(one, $"{threads} threads, 128 bits");
            }
        }
        finally
        {
            torch.set_num_threads(before);
        }
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
            var upstream = Layers.Signs(8, view.shape);
            var fused = GlifLayers.Fused("gates turned", view, upstream);
            fused.Is(GlifLayers.Fused("gates turned", view.contiguous(), upstream), name);
            Close.Equal(GlifLayers.Composed("gates turned", view, upstream).Spikes, fused.Spikes, name);
        }
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
            GlifLayers.Fused("initial", x, upstream).Is(GlifLayers.Fused("initial", x, upstream.contiguous()), "view");
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Infinite_and_undefined_inputs_give_what_the_composed_layer_gives(string name)
    {
        using var scope = torch.NewDisposeScope();
        float[] strange =
            [float.NaN, float.PositiveInfinity, float.NegativeInfinity, float.MaxValue, -float.MaxValue, float.Epsilon, -0f, 0];
        var x = Layers.Currents(13, 4, 8, 20);
        for (var t = 0; t < 4; t++)
        {
            x[t, .., t] = torch.tensor(strange);
        }
        var upstream = torch.ones_like(x);
        var composed = GlifLayers.Composed(name, x, upstream);
        foreach (var width in Layers.Widths)
        {
            var fused = GlifLayers.Fused(name, x, upstream, width);
            Close.Equal(composed.Spikes, fused.Spikes, $"{width}: spikes");
            Close.Equal(composed.X.isnan(), fused.X.isnan(), $"{width}: undefined gradients");
            Close.Within(2e-6, composed.X.nan_to_num(), fused.X.nan_to_num(), $"{width}: gradient of x");
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Bfloat16_gives_what_the_composed_layer_gives_for_the_same_numbers_in_float32(string name)
    {
        foreach (var (steps, neurons) in new[] { (1, 5L), (4, 301L), (16, 300L) })
        {
            using var scope = torch.NewDisposeScope();
            var x = Layers.Currents(20, steps, neurons).to_type(torch.bfloat16);
            var upstream = Layers.Signs(21, steps, neurons).to_type(torch.bfloat16);
            var composed = GlifLayers.Composed(name, x.to_type(torch.float32), upstream.to_type(torch.float32));
            var scalar = GlifLayers.Fused(name, x, upstream, LaneWidth.Scalar);
            Assert.Equal(torch.bfloat16, scalar.Spikes.dtype);
            Close.Equal(composed.Spikes, scalar.Spikes, "spikes");
            // Half a unit of the last of eight bits.
            var rounding = composed.X.abs().max().item<float>() / 256;
            Close.Within(rounding, composed.X, scalar.X, "gradient of x");
            foreach (var (key, expected) in composed.Parameters)
            {
                Close.Within(1e-6 * steps * neurons, expected, scalar.Parameters[key], $"gradient of {key}");
            }
            foreach (var width in Layers.Widths)
            {
                GlifLayers.Fused(name, x, upstream, width).Is(scalar, $"{steps} x {neurons}, {width}");
            }
        }
    }

    [Fact]
    public void A_membrane_exactly_at_the_threshold_fires()
    {
        using var scope = torch.NewDisposeScope();
        // With these raw values nothing leaks, the input comes in whole, and the threshold is a half.
        using var neuron = new GlifNeuron(1, Surrogate.Default);
        using (torch.no_grad())
        {
            foreach (var (key, raw) in new[] { ("alpha", 200), ("beta", -200) })
            {
                neuron.get_parameter(key)!.fill_(raw);
            }
        }
        foreach (var width in Layers.Widths)
        {
            var spikes = neuron.Fused(torch.full([1, 37], 0.5f), new(), width);
            Assert.All(spikes.data<float>().ToArray(), spike => Assert.Equal(1, spike));
            var below = neuron.Fused(torch.full([1, 37], float.BitDecrement(0.5f)), new(), width);
            Assert.All(below.data<float>().ToArray(), spike => Assert.Equal(0, spike));
        }
    }

    [Fact]
    public void An_empty_batch_gives_empty_spikes_and_gradients()
    {
        using var scope = torch.NewDisposeScope();
        using var neuron = GlifLayers.Create("initial", 4);
        var x = torch.zeros(4, 0, 3).requires_grad_();
        var spikes = neuron.call(x, new());
        spikes.sum().backward();
        Assert.Equal([4, 0, 3], spikes.shape);
        Assert.Equal([4, 0, 3], x.grad!.shape);
    }

    [Fact]
    public void Backward_may_be_called_again_on_a_graph_that_is_kept()
    {
        using var scope = torch.NewDisposeScope();
        using var neuron = GlifLayers.Create("initial", 4);
        var x = Layers.Currents(14, 4, 100).requires_grad_();
        torch.Tensor[] inputs = [x, .. neuron.parameters()];
        var spikes = neuron.call(x, new()).sum();
        var first = torch.autograd.grad([spikes], inputs, retain_graph: true);
        var second = torch.autograd.grad([spikes], inputs);
        foreach (var (one, other) in first.Zip(second))
        {
            Close.Equal(one, other, "gradient");
        }
    }

    [Fact]
    public void Inputs_alone_or_parameters_alone_may_be_learned()
    {
        using var scope = torch.NewDisposeScope();
        var x = Layers.Currents(15, 4, 100);
        var both = GlifLayers.Fused("gates turned", x, torch.ones_like(x));
        using var learned = GlifLayers.Create("gates turned", 4);
        learned.call(x, new()).sum().backward();
        foreach (var (key, parameter) in learned.named_parameters())
        {
            Close.Equal(both.Parameters[key], parameter.grad!, $"gradient of {key}");
        }
        using var frozen = GlifLayers.Create("gates turned", 4);
        foreach (var parameter in frozen.parameters())
        {
            parameter.requires_grad = false;
        }
        var input = x.clone().requires_grad_();
        frozen.call(input, new()).sum().backward();
        Close.Equal(both.X, input.grad!, "gradient of x");
    }

    [Fact]
    public void What_the_fused_layer_does_not_cover_is_left_to_the_composed_one()
    {
        using var scope = torch.NewDisposeScope();
        var (x, conduct) = (torch.ones(2, 3), torch.zeros(2));
        Assert.True(FusedGlif.Covers(x, Surrogate.Default, conduct));
        Assert.True(FusedGlif.Covers(x.to_type(torch.bfloat16), Surrogate.Default, conduct));
        var erf = Surrogate.Of(SurrogateFunction.Erf);
        Assert.False(FusedGlif.Covers(x, erf, conduct));
        using (torch.no_grad())
        {
            Assert.True(FusedGlif.Covers(x, erf, conduct));
        }
        Assert.False(FusedGlif.Covers(x, Surrogate.Default, torch.zeros(3)));
        Assert.False(FusedGlif.Covers(x, Surrogate.Default, conduct.to_type(torch.float64)));
        foreach (var type in new[] { torch.float64, torch.float16 })
        {
            using var neuron = GlifLayers.Create("initial", 2);
            Assert.False(FusedGlif.Covers(x.to_type(type), Surrogate.Default, conduct));
            Assert.Equal(type, neuron.call(x.to_type(type), new()).dtype);
        }
    }

    [Fact]
    public void An_eager_pass_composes_the_layer()
    {
        using var scope = torch.NewDisposeScope();
        using var neuron = GlifLayers.Create("gates turned", 4);
        var x = Layers.Currents(16, 4, 1000);
        var usual = Gradient(neuron.call, Backend.Fused);
        Close.Equal(Gradient((input, pass) => neuron.Fused(input, pass), Backend.Fused), usual, "gradient of a fused pass");
        var eager = Gradient(neuron.call, Backend.Eager);
        Close.Equal(Gradient(neuron.Composed, Backend.Fused), eager, "gradient of an eager pass");
        Assert.False(eager.equal(usual).all().item<bool>(), "Their roundings differ.");

        torch.Tensor Gradient(Func<torch.Tensor, Pass, torch.Tensor> fire, Backend backend)
        {
            var (input, pass) = (x.detach().requires_grad_(), new Pass(backend));
            pass.Backward(fire(input, pass).sum());
            return input.grad!;
        }
    }

    [Fact]
    public void Fifty_training_steps_leave_no_tensor_behind()
    {
        using var x = torch.randn(4, 30).requires_grad_();
        using var neuron = GlifLayers.Create("initial", 4);
        long before = 0;
        for (var step = 0; step < 50; step++)
        {
            using (var scope = torch.NewDisposeScope())
            {
                var pass = new Pass();
                pass.Backward(neuron.call(neuron.call(x, pass), pass).sum());
            }
            // The first step makes the gradients of x and of the parameters.
            before = step == 0 ? DisposeScopeManager.Statistics.ThreadTotalLiveCount : before;
            Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        }
    }

    [Fact]
    public void Fifty_steps_without_a_dispose_scope_leave_only_what_they_returned()
    {
        using var x = torch.randn(4, 30).requires_grad_();
        using var neuron = GlifLayers.Create("initial", 4);
        long before = 0;
        for (var step = 0; step < 50; step++)
        {
            var pass = new Pass();
            using var spikes = neuron.call(x, pass);
            using var sum = spikes.sum();
            pass.Backward(sum);
            before = step == 0 ? DisposeScopeManager.Statistics.ThreadTotalLiveCount : before;
            Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        }
    }

    [Fact]
    public void Evaluation_returns_spikes_without_a_graph_and_keeps_nothing()
    {
        using var x = torch.randn(4, 30).requires_grad_();
        using var neuron = GlifLayers.Create("initial", 4);
        using var noGrad = torch.no_grad();
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        using (var spikes = neuron.call(x, new()))
        {
            Assert.False(spikes.requires_grad);
            Assert.Equal(before + 1, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        }
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }
}
