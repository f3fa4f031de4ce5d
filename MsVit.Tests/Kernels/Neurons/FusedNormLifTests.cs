using MsVit.MLNet.Kernels;
using TorchSharp;

namespace MsVit.Tests.Kernels.Neurons;

[Collection(FusedTests.Name)]
public sealed class FusedNormLifTests
{
    public static TheoryData<string> Names => [.. Layers.All.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Norm_and_neurons_do_what_torchs_norm_and_the_composed_neurons_do(string name)
    {
        var (dynamics, w) = Layers.All[name];
        foreach (var steps in new[] { 1, 4, 16 })
        {
            foreach (var channels in new long[] { 1, 5, 16, 33, 300 })
            {
                using var scope = torch.NewDisposeScope();
                var x = Values((ulong)(steps + 100 * channels), steps, 2, channels, 3, 3);
                var upstream = Layers.Signs((ulong)steps, x.shape);
                var exact = NormedOutcome.Exact(x, 2, dynamics, w, upstream);
                var fused = NormedOutcome.Fused(x, 2, dynamics, w, upstream, width: LaneWidth.Scalar);
                fused.IsNearly(exact, $"T {steps}, C {channels}");
                foreach (var width in Layers.Widths)
                {
                    // Means may be summed in another order: by vector.
                    NormedOutcome.Fused(x, 2, dynamics, w, upstream, width: width).Is(fused, $"T {steps}, C {channels}, {width}");
                }
            }
        }
    }

    [Fact]
    public void Tokens_and_time_across_the_batch_work_too()
    {
        using var scope = torch.NewDisposeScope();
        var tokens = Values(1, 4, 3, 20, 7);
        var upstream = Layers.Signs(2, tokens.shape);
        NormedOutcome.Fused(tokens, 2, Layers.Published, null, upstream).IsNearly(
            NormedOutcome.Exact(tokens, 2, Layers.Published, null, upstream), "tokens");
        var folded = tokens.flatten(0, 1);
        var other = upstream.flatten(0, 1);
        NormedOutcome.Fused(folded, 1, Layers.Published, null, other).IsNearly(
            NormedOutcome.Exact(folded, 1, Layers.Published, null, other), "across the batch");
    }

    [Fact]
    public void The_residual_gets_its_gradient()
    {
        using var scope = torch.NewDisposeScope();
        var x = Values(3, 4, 2, 24, 5, 5);
        var upstream = Layers.Signs(4, x.shape);
        foreach (var residual in new[] { Whole(5, x.shape), ChannelsLast.Arrange(Whole(6, x.shape), 2) })
        {
            NormedOutcome.Fused(x, 2, Layers.Published, null, upstream, residual).IsNearly(
                NormedOutcome.Exact(x, 2, Layers.Published, null, upstream, residual), "with another summand");
        }
    }

    [Fact]
    public void The_order_of_axes_in_memory_changes_no_bit()
    {
        using var scope = torch.NewDisposeScope();
        var x = Values(7, 4, 2, 24, 5, 6);
        var upstream = Layers.Signs(8, x.shape);
        var expected = NormedOutcome.Fused(x, 2, Layers.Published, 0.4f, upstream);
        NormedOutcome.Fused(ChannelsLast.Arrange(x, 2), 2, Layers.Published, 0.4f, upstream).Is(expected, "channels last");
        var columnsFirst = x.transpose(3, 4).contiguous().transpose(3, 4);
        NormedOutcome.Fused(columnsFirst, 2, Layers.Published, 0.4f, upstream).Is(expected, "columns first");
        NormedOutcome.Fused(x, 2, Layers.Published, 0.4f, ChannelsLast.Arrange(upstream, 2)).Is(expected, "gradient with channels last");
    }

    [Fact]
    public void The_number_of_threads_changes_no_bit()
    {
        using var scope = torch.NewDisposeScope();
        var x = ChannelsLast.Arrange(Values(9, 4, 4, 48, 33, 31), 2);
        var upstream = Layers.Signs(10, x.shape);
        var before = torch.get_num_threads();
        try
        {
            torch.set_num_threads(1);
            var one = NormedOutcome.Fused(x, 2, Layers.Published, 0.4f, upstream);
            foreach (var threads in new[] { 2, 3 })
            {
                torch.set_num_threads(threads);
                NormedOutcome.Fused(x, 2, Layers.Published, 0.4f, upstream).Is(one, $"{threads} threads");
            }
        }
        finally
        {
            torch.set_num_threads(before);
        }
    }

    [Fact]
    public void In_bfloat16_the_statistics_are_exact_and_the_gradients_rounded()
    {
        using var scope = torch.NewDisposeScope();
        var x = Values(11, 4, 2, 40, 6, 6).to(torch.bfloat16);
        var residual = Whole(12, x.shape).to(torch.bfloat16);
        var upstream = Layers.Signs(13, x.shape);
        var exact = NormedOutcome.Exact(x, 2, Layers.Published, 0.4f, upstream, residual);
        var fused = NormedOutcome.Fused(x, 2, Layers.Published, 0.4f, upstream, residual);
        Assert.Equal(torch.bfloat16, fused.Spikes.dtype);
        Assert.Equal(torch.bfloat16, fused.X.dtype);
        // Rounded twice: before the last pass and after it.
        fused.IsNearly(exact, "bfloat16", ofX: 1.0 / 128);
        foreach (var width in Layers.Widths)
        {
            NormedOutcome.Fused(x, 2, Layers.Published, 0.4f, upstream, residual, width).Is(fused, $"{width}");
        }
    }

    [Fact]
    public void A_mean_a_thousand_times_the_deviation_costs_no_accuracy()
    {
        using var scope = torch.NewDisposeScope();
        // Multiples of 1/64, so that float32 holds them exactly.
        var x = (Values(14, 4, 8, 16, 9, 9) * 64).round() / 64 + 1000;
        var upstream = Layers.Signs(15, x.shape);
        NormedOutcome.Fused(x, 2, Layers.Published, null, upstream).IsNearly(
            NormedOutcome.Exact(x, 2, Layers.Published, null, upstream), "mean 1000", ofX: 1e-3, ofSums: 1e-3);
    }

    [Fact]
    public void Fifty_training_steps_leave_no_tensor_behind()
    {
        using var x = torch.randn([4, 2, 8, 3, 3]).requires_grad_();
        using var norm = torch.nn.BatchNorm2d(8);
        using var neuron = new MsVit.MLNet.PlifNeuron(Layers.Published);
        norm.train();
        long before = 0;
        for (var step = 0; step < 50; step++)
        {
            using (torch.NewDisposeScope())
            {
                var pass = new Pass();
                var first = FusedNormLif.Fire(x, 2, norm, neuron, pass);
                pass.Backward(FusedNormLif.Fire(first, 2, norm, neuron, pass, residual: first).sum());
            }
            // The first step makes gradients.
            before = step == 0 ? DisposeScopeManager.Statistics.ThreadTotalLiveCount : before;
            Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        }
    }

    private static torch.Tensor Values(ulong seed, params long[] shape)
    {
        using var generator = new torch.Generator(seed);
        return torch.randn(shape, generator: generator) * 1.5 + 0.7;
    }

    private static torch.Tensor Whole(ulong seed, params long[] shape)
    {
        using var generator = new torch.Generator(seed);
        return torch.randint(0, 4, shape, generator: generator).to(torch.float32);
    }
}
