using MsVit.MLNet.Kernels;
using MsVit.Tests.Golden;
using TorchSharp;

namespace MsVit.Tests.Kernels.Neurons;

[Collection(FusedTests.Name)]
public sealed class HalfLifTests
{
    // Half a unit in the last place of bfloat16, of a gradient of at most 1.
    private const double Rounding = 1.0 / 256;

    public static TheoryData<string> Names => [.. Layers.All.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_layer_in_bfloat16_fires_as_the_composed_one_does_in_float32(string name)
    {
        var (dynamics, w) = Layers.All[name];
        foreach (var steps in new[] { 1, 2, 5, 16 })
        {
            foreach (var neurons in new long[] { 1, 47, 300 })
            {
                using var scope = torch.NewDisposeScope();
                var x = Layers.Currents((ulong)(100 * steps + neurons), steps, neurons).to(torch.bfloat16);
                var upstream = Layers.Signs((ulong)steps, steps, neurons);
                var eager = Layers.Eager(x.to(torch.float32), dynamics, w, upstream);
                var scalar = Fused(x, dynamics, w, upstream, LaneWidth.Scalar);
                Assert.Equal(torch.bfloat16, scalar.Spikes.dtype);
                Close.Equal(eager.Spikes, scalar.Spikes, $"{steps} x {neurons}: spikes");
                // The slopes of integer neurons add up over time.
                var largest = dynamics.Levels is null ? 1 : Math.Max(1, eager.X.abs().max().item<float>());
                Close.Within(Rounding * largest, eager.X, scalar.X, $"{steps} x {neurons}: gradient of x");
                if (w is not null)
                {
                    Close.Within(1e-6 * steps * neurons, eager.W ?? torch.tensor(0f), scalar.W!, $"{steps} x {neurons}: gradient of w");
                }
                foreach (var width in Layers.Widths)
                {
                    Fused(x, dynamics, w, upstream, width).Is(scalar, $"{steps} x {neurons}, {width}");
                }
            }
        }
    }

    [Fact]
    public void The_number_of_threads_changes_no_bit()
    {
        using var scope = torch.NewDisposeScope();
        var x = Layers.Currents(1, 4, 700_003).to(torch.bfloat16);
        var upstream = Layers.Signs(2, 4, 700_003);
        var before = torch.get_num_threads();
        try
        {
            torch.set_num_threads(1);
            var one = Fused(x, Layers.Published, 0.4f, upstream, null);
            torch.set_num_threads(2);
            Fused(x, Layers.Published, 0.4f, upstream, null).Is(one, "2 threads");
        }
        finally
        {
            torch.set_num_threads(before);
        }
    }

    private static Outcome Fused(torch.Tensor x, LifDynamics dynamics, float? w, torch.Tensor upstream, LaneWidth? width)
    {
        var input = x.detach().requires_grad_();
        var scalar = w is { } value ? torch.tensor(value).requires_grad_() : null;
        var spikes = FusedLif.Fire(input, dynamics, new(), scalar, width);
        spikes.backward([upstream.to(torch.bfloat16)]);
        return new(spikes.detach(), input.grad!, scalar?.grad);
    }
}
