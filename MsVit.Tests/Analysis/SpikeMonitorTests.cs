using MsVit.MLNet;
using MsVit.MLNet.Analysis;
using MsVit.Tests.Network;
using static TorchSharp.torch;

namespace MsVit.Tests.Analysis;

public sealed class SpikeMonitorTests
{
    private const int Batches = 2, Batch = 3;

    [Theory]
    [InlineData(InputKind.Still)]
    [InlineData(InputKind.Frames)]
    public void What_is_reported_is_counted_from_the_raw_values(InputKind kind)
    {
        using var scope = NewDisposeScope();
        var config = TinyNetwork.Config with { Input = kind };
        var steps = config.TimeSteps;
        var operations = SynapticOperations.Of(config);
        using var network = WarmNetwork.Of(config);
        using var monitor = new SpikeMonitor(operations, steps, EnergyConstants.Float32);
        var raw = new Dictionary<string, List<(long[] Shape, float[] Values)>>();
        var samplePicojoules = 0.0;
        for (var i = 0; i < Batches; i++)
        {
            using var gradientFree = no_grad();
            var costs = new double[Batch, steps];
            var watching = monitor.Watch(Batch, costs, _ => { });
            network.Forward(WarmNetwork.Noise(config, Batch), new NetworkObserver
            {
                Convolving = (name, x) => { Keep(name, x); watching.Convolving!(name, x); },
                Fired = (name, x) => { Keep(name, x); watching.Fired!(name, x); },
                Produced = (name, x) => { Keep(name, x); watching.Produced!(name, x); },
            });
            samplePicojoules += costs.Cast<double>().Sum();
        }
        var report = monitor.Energy(steps);
        var spikes = 0.0;
        foreach (var row in report.Layers)
        {
            var values = raw[row.Layer.Driver].SelectMany(batch => batch.Values).ToList();
            double Share(Func<float, bool> holds) => (double)values.Count(holds) / values.Count;
            Assert.Equal(Share(x => x != 0), row.Input.NonZeroShare, precision: 12);
            Assert.Equal(values.Average(x => (double)x), row.Input.MeanValue, precision: 9);
            Assert.Equal(Share(x => x is 0 or 1), row.Input.BinaryShare, precision: 12);
            Assert.Equal(Share(x => x == MathF.Round(x)), row.Input.IntegerShare, precision: 12);
            Assert.Equal(values.Max(), row.Input.Largest);
            spikes += row.Layer.TakesSpikes ? 0.9 * values.Count(x => x != 0) / Batches / Batch * row.Layer.Macs / row.Layer.Inputs : 0;
        }
        var onValues = (4.6 * operations.FirstConvolution * (kind == InputKind.Still ? 1 : steps)) + (4.6 * operations.Layers[^1].Macs);
        Assert.True(spikes > 0, "A silent network shows nothing.");
        Assert.Equal(onValues + spikes, report.Picojoules, precision: 6);
        // What single samples cost adds up to the same.
        Assert.Equal(report.Picojoules, samplePicojoules / Batches / Batch, precision: 6);
        foreach (var layer in monitor.Activity().Layers)
        {
            AssertNeurons(layer.Name, layer.Neurons, (layer.FiringRate, layer.DeadShare, layer.SaturatedShare));
        }

        void Keep(string name, Tensor x) => (raw.TryGetValue(name, out var list) ? list : raw[name] = [])
            .Add((x.shape, x.contiguous().data<float>().ToArray()));

        void AssertNeurons(string layer, long neurons, (double Rate, double Dead, double Saturated) activity)
        {
            var (counts, perStep) = (new int[neurons], new double[steps]);
            foreach (var (_, values) in raw[layer])
            {
                for (var i = 0; i < values.Length; i++)
                {
                    counts[i % neurons] += (int)values[i];
                    perStep[i / (neurons * Batch)] += values[i];
                }
            }
            const int Samples = Batches * Batch;
            Assert.Equal(counts.Sum() / (double)(neurons * Samples * steps), activity.Rate, precision: 6);
            Assert.Equal(counts.Count(count => count == 0) / (double)neurons, activity.Dead, precision: 12);
            Assert.Equal(counts.Count(count => count == Samples * steps) / (double)neurons, activity.Saturated, precision: 12);
            Assert.Equal(perStep.Select(sum => sum / neurons / Samples), monitor.Rates(layer, neurons), new Close());
        }
    }

    [Fact]
    public void Sums_of_residual_connections_are_whole_numbers_and_not_spikes()
    {
        using var scope = NewDisposeScope();
        var config = TinyNetwork.Config;
        using var network = WarmNetwork.Of(config);
        using var monitor = new SpikeMonitor(SynapticOperations.Of(config), config.TimeSteps, EnergyConstants.Float32);
        using var gradientFree = no_grad();
        network.Forward(WarmNetwork.Noise(config, 8), monitor.Watch(8, new double[8, config.TimeSteps], _ => { }));
        var inputs = monitor.Energy(config.TimeSteps).Layers.ToDictionary(row => row.Layer.Name, row => row.Input);
        Assert.Equal((1, 1), (inputs["patch_embed1.proj1_conv"].BinaryShare, inputs["stage1.0.tssa.proj_conv"].BinaryShare));
        var sum = inputs["stage1.0.tssa.q_conv"];
        Assert.True(sum.BinaryShare < 1 && sum.Largest >= 2 && sum.MeanValue > sum.NonZeroShare);
        Assert.Equal(1, sum.IntegerShare);
    }

    [Fact]
    public void A_count_of_three_is_one_operation_or_three_and_a_key_gates_as_many_as_a_value_can_count()
    {
        using var scope = NewDisposeScope();
        var config = TinyNetwork.Config with { Neuron = NeuronKind.IntegerLif, Levels = 3, AttentionNorm = true };
        var operations = SynapticOperations.Of(config);
        using var network = WarmNetwork.Of(config);
        using var monitor = new SpikeMonitor(operations, config.TimeSteps, EnergyConstants.Float32);
        using var gradientFree = no_grad();
        var spikes = new Dictionary<string, float[]>();
        var watching = monitor.Watch(8, new double[8, config.TimeSteps], _ => { });
        network.Forward(WarmNetwork.Noise(config, 8), watching with
        {
            Fired = (name, x) => { spikes[name] = x.contiguous().data<float>().ToArray(); watching.Fired!(name, x); },
        });
        var rows = monitor.Energy(config.TimeSteps).Layers.ToDictionary(row => row.Layer.Name);

        // Counted by hand: every spike of the hidden layer goes to each of the 8 channels; one of k adds the 4 channels of its head.
        var hidden = spikes["stage2.0.mlp.mlp1_lif"];
        Assert.Equal(3, hidden.Max());
        Assert.Equal(hidden.Count(count => count > 0) * 8 / 8.0, rows["stage2.0.mlp.mlp2_conv"].Operations, 6);
        Assert.Equal(hidden.Sum(count => (double)count) * 8 / 8.0, rows["stage2.0.mlp.mlp2_conv"].OperationsByValue, 6);
        var (q, k) = (spikes["stage2.0.ssa.q_lif"], spikes["stage2.0.ssa.k_lif"]);
        Assert.Equal(1, Math.Max(q.Max(), k.Max()));
        Assert.Equal((k.Sum() * 4 / 8.0, k.Sum() * 3 * 4 / 8.0),
            (rows["stage2.0.ssa.kv"].Operations, rows["stage2.0.ssa.kv"].OperationsByValue), new Closely());
        Assert.Equal((q.Sum() * 4 / 8.0, q.Sum() * 4 / 8.0),
            (rows["stage2.0.ssa.qkv"].Operations, rows["stage2.0.ssa.qkv"].OperationsByValue), new Closely());
        // The mask is 0 or 1, so what it lets through is counts of k.
        Assert.Equal(1, spikes["stage1.0.tssa.attn_lif"].Max());
        Assert.Equal(spikes["stage1.0.tssa.k_lif"].Sum() / 8.0, rows["stage1.0.tssa.mask"].OperationsByValue, 6);
        Assert.All(monitor.Activity().Layers, layer => Assert.Equal(
            layer.Name is "stage2.0.ssa.q_lif" or "stage2.0.ssa.k_lif" or "stage1.0.tssa.attn_lif" ? 1 : 3, layer.Levels));
    }

    private sealed class Closely : IEqualityComparer<(double, double)>
    {
        public bool Equals((double, double) x, (double, double) y) =>
            Math.Abs(x.Item1 - y.Item1) < 1e-6 && Math.Abs(x.Item2 - y.Item2) < 1e-6;

        public int GetHashCode((double, double) value) => 0;
    }

    private sealed class Close : IEqualityComparer<double>
    {
        public bool Equals(double x, double y) => Math.Abs(x - y) < 1e-12;

        public int GetHashCode(double value) => 0;
    }
}
