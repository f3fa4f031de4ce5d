using MsVit.MLNet.Kernels;
using MsVit.Tests.Golden;
using static TorchSharp.torch;

namespace MsVit.Tests.Kernels.Neurons;

/// <summary>Integer neurons, beside what <see cref="Layers.All"/> already brings to the tests of all neurons.</summary>
[Collection(FusedTests.Name)]
public sealed class IntegerLifTests
{
    // What a neuron of four levels makes of a current, and the slope there.
    private static readonly (float Current, float Spikes, float Slope)[] Table =
    [
        (float.NegativeInfinity, 0, 0), (-2, 0, 0), (-float.Epsilon, 0, 0), (-0f, 0, 1), (0, 0, 1), (0.25f, 0, 1),
        (0.5f, 0, 1), (0.50001f, 1, 1), (1.5f, 2, 1), (2.5f, 2, 1), (3.5f, 4, 1), (3.4999f, 3, 1), (4, 4, 1), (4.0001f, 4, 0), (4.5f, 4, 0),
        (100, 4, 0), (float.PositiveInfinity, 4, 0), (float.NaN, float.NaN, 0),
    ];

    public static TheoryData<double, int> Kinds => new()
    {
        { 1, 1 }, { 1, 4 }, { 1, 16 }, { 2, 1 }, { 2, 4 }, { 2, 16 }, { 3, 1 }, { 3, 4 }, { 3, 16 },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Fused_neurons_count_spikes_as_the_composed_ones_do(double tau, int levels)
    {
        var dynamics = LifDynamics.Integer(tau, levels);
        foreach (var steps in new[] { 1, 2, 5 })
        {
            foreach (var neurons in new long[] { 1, 31, 300, 2_345, 5_000 })
            {
                using var scope = NewDisposeScope();
                var x = Currents((ulong)(steps + neurons), levels, steps, neurons);
                var upstream = Layers.Signs((ulong)steps, steps, neurons);
                var what = $"tau {tau}, D {levels}, {steps} x {neurons}";
                var eager = Layers.Eager(x, dynamics, null, upstream);
                var scalar = Layers.Fused(x, dynamics, null, upstream, LaneWidth.Scalar);
                Close.Equal(eager.Spikes, scalar.Spikes, $"{what}: spikes");
                Close.Within(1e-6, eager.X, scalar.X, $"{what}: gradient of x");
                foreach (var width in Layers.Widths)
                {
                    Layers.Fused(x, dynamics, null, upstream, width).Is(scalar, $"{what}, {width}");
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Behind_a_batch_norm_and_before_a_residual_they_count_the_same(double tau, int levels)
    {
        var dynamics = LifDynamics.Integer(tau, levels);
        foreach (var steps in new[] { 1, 2, 5 })
        {
            foreach (var channels in new long[] { 1, 4, 5, 48, 300 })
            {
                using var scope = NewDisposeScope();
                // Many pixels, so that several tiles add to one sum and the last one is cut short.
                var x = Currents((ulong)(steps + channels), levels, steps, 3, channels, 9, 7);
                var upstream = Layers.Signs((ulong)steps, x.shape);
                var residual = randint(0, 60, x.shape, generator: new Generator(5)).to(float32);
                foreach (var target in new[] { null, residual })
                {
                    var what = $"tau {tau}, D {levels}, T {steps}, C {channels}, residual {target is not null}";
                    var exact = NormedOutcome.Exact(x, 2, dynamics, null, upstream, target);
                    var fused = NormedOutcome.Fused(x, 2, dynamics, null, upstream, target, LaneWidth.Scalar);
                    fused.IsNearly(exact, what);
                    foreach (var width in Layers.Widths)
                    {
                        NormedOutcome.Fused(x, 2, dynamics, null, upstream, target, width).Is(fused, $"{what}, {width}");
                    }
                }
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void In_bfloat16_sums_of_counts_are_exact_and_gradients_rounded(int steps)
    {
        using var scope = NewDisposeScope();
        var dynamics = LifDynamics.Integer(2, 16);
        var x = Currents(11, 16, steps, 2, 40, 6, 6).to(bfloat16);
        var residual = randint(0, 240, x.shape, generator: new Generator(12)).to(bfloat16);
        var upstream = Layers.Signs(13, x.shape);
        var exact = NormedOutcome.Exact(x, 2, dynamics, null, upstream, residual);
        var fused = NormedOutcome.Fused(x, 2, dynamics, null, upstream, residual);
        Assert.Equal((bfloat16, bfloat16), (fused.Spikes.dtype, fused.X.dtype));
        fused.IsNearly(exact, "bfloat16", ofX: 1.0 / 128);
        foreach (var width in Layers.Widths)
        {
            NormedOutcome.Fused(x, 2, dynamics, null, upstream, residual, width).Is(fused, $"{width}");
        }
    }

    [Fact]
    public void Counts_are_rounded_to_even_and_the_slope_is_one_from_zero_to_the_levels()
    {
        foreach (var steps in new[] { 1, 2 })
        {
            foreach (var width in Layers.Widths)
            {
                using var scope = NewDisposeScope();
                // The next step changes nothing with a time constant of 1, and with more of its own numbers than a vector holds.
                var x = tensor(Table.Select(row => row.Current).ToArray()).repeat(3).unsqueeze(0);
                x = steps == 1 ? x : cat([x, zeros_like(x)]);
                AssertTable(Layers.Fused(x, LifDynamics.Integer(1, 4), null, ones_like(x), width), $"T {steps}, {width}");
                AssertTable(Layers.Eager(x, LifDynamics.Integer(1, 4), null, ones_like(x)), $"T {steps}, composed");
            }
        }

        static void AssertTable(Outcome outcome, string what)
        {
            var expected = Enumerable.Repeat(Table, 3).SelectMany(rows => rows).ToArray();
            Assert.Equal(expected.Select(row => row.Spikes), outcome.Spikes[0].data<float>().ToArray());
            Assert.True(expected.Select(row => row.Slope).SequenceEqual(outcome.X[0].data<float>().ToArray()), what);
        }
    }

    [Fact]
    public void Undefined_currents_stay_undefined_behind_a_norm_and_a_residual_too()
    {
        foreach (var type in new[] { float32, bfloat16 })
        {
            using var scope = NewDisposeScope();
            var x = full([1, 2, 16, 5], float.NaN).to(type);
            var layer = new Neurons(LifDynamics.Integer(2, 4));
            var spikes = FusedLif.FireWithResidual(x, 2, new(new float[16], new float[16]), layer, ones_like(x));
            Assert.True(spikes.isnan().all().item<bool>());
        }
    }

    // h[t] = (1 - 1/tau) (h[t-1] - s[t-1]) + x[t] and s[t] = round(clamp(h[t], 0, D)); s is a constant in h's gradient.
    [Theory]
    [InlineData(1, 4)]
    [InlineData(2, 1)]
    [InlineData(2, 4)]
    [InlineData(4, 16)]
    public void They_follow_their_equations(double tau, int levels)
    {
        const int Steps = 4, Neurons = 200;
        using var scope = NewDisposeScope();
        // With these time constants and multiples of 1/64, float32 is exact.
        var x = (Currents(1, levels, Steps, Neurons) * 64).round() / 64;
        var upstream = Layers.Signs(2, Steps, Neurons);
        var (currents, received) = (x.data<float>().ToArray(), upstream.data<float>().ToArray());
        var (spikes, gradient) = (new double[Steps * Neurons], new double[Steps * Neurons]);
        var keep = 1 - (1 / tau);
        for (var neuron = 0; neuron < Neurons; neuron++)
        {
            var h = new double[Steps];
            for (var t = 0; t < Steps; t++)
            {
                var i = (t * Neurons) + neuron;
                h[t] = currents[i] + (t == 0 ? 0 : keep * (h[t - 1] - spikes[i - Neurons]));
                spikes[i] = Math.Round(Math.Clamp(h[t], 0, levels), MidpointRounding.ToEven);
            }
            var later = 0.0;
            for (var t = Steps - 1; t >= 0; t--)
            {
                var i = (t * Neurons) + neuron;
                gradient[i] = later = received[i] * (h[t] >= 0 && h[t] <= levels ? 1 : 0) + keep * later;
            }
        }
        Assert.True(Enumerable.Range(0, levels + 1).All(count => spikes.Contains(count)), "Every count occurs.");
        foreach (var outcome in new[]
        {
            Layers.Eager(x, LifDynamics.Integer(tau, levels), null, upstream),
            Layers.Fused(x, LifDynamics.Integer(tau, levels), null, upstream),
        })
        {
            Close.Equal(tensor(spikes).view(Steps, Neurons), outcome.Spikes, "spikes");
            Close.Within(1e-6, tensor(gradient).view(Steps, Neurons), outcome.X, "gradient of x");
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void The_number_of_threads_changes_no_bit(int steps)
    {
        using var scope = NewDisposeScope();
        // So many that results are stored past the caches.
        var x = Currents(3, 4, steps, 2_400_000);
        var image = ChannelsLast.Arrange(Currents(4, 4, steps, 4, 48, 121, 101), 2);
        var (upstream, ofImage) = (Layers.Signs(5, x.shape), Layers.Signs(6, image.shape));
        var dynamics = LifDynamics.Integer(2, 4);
        var before = get_num_threads();
        try
        {
            set_num_threads(1);
            var one = Layers.Fused(x, dynamics, null, upstream);
            var normed = NormedOutcome.Fused(image, 2, dynamics, null, ofImage);
            Close.Equal(EagerLif.Fire(x, dynamics, new()), one.Spikes, "spikes");
            set_num_threads(3);
            Layers.Fused(x, dynamics, null, upstream).Is(one, "3 threads");
            NormedOutcome.Fused(image, 2, dynamics, null, ofImage).Is(normed, "3 threads, behind a norm");
        }
        finally
        {
            set_num_threads(before);
        }
    }

    [Fact]
    public void The_first_step_alone_is_the_first_of_many()
    {
        using var scope = NewDisposeScope();
        var x = Currents(7, 4, 3, 2_000);
        var whole = Layers.Fused(x, LifDynamics.Integer(2, 4), null, cat([Layers.Signs(8, 1, 2_000), zeros(2, 2_000)]));
        var first = Layers.Fused(x[..1], LifDynamics.Integer(2, 4), null, Layers.Signs(8, 1, 2_000));
        Close.Equal(whole.Spikes[..1], first.Spikes, "spikes");
        Close.Equal(whole.X[..1], first.X, "gradient of x");
    }

    // Spread over all levels and a little beyond, some of them halves.
    private static Tensor Currents(ulong seed, int levels, params long[] shape) => Layers.Currents(seed, shape) * (levels / 4.0 + 0.5);

    private sealed record Neurons(LifDynamics Dynamics) : ILifLayer
    {
        public Tensor? W => null;
    }
}
