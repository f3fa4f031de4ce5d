using MsVit.MLNet;
using MsVit.Tests.Network;
using TorchSharp;
using static TorchSharp.torch;

namespace MsVit.Tests.Training.Watching;

public sealed class FiringRateMonitorTests
{
    [Fact]
    public void Rates_dead_and_saturated_shares_of_five_neurons_are_those_counted_by_hand()
    {
        using var scope = NewDisposeScope();
        using var monitor = new FiringRateMonitor();
        // Two steps of two samples in rows; the neurons in columns: always, never, 2 of 4, 3 of 4, never.
        Fire(monitor, "layer", [1, 0, 1, 1, 0, /**/ 1, 0, 0, 1, 0, /**/ 1, 0, 0, 0, 0, /**/ 1, 0, 1, 1, 0], 2, 2, 5);
        Assert.Equal(new LayerActivity("layer", Neurons: 5, FiringRate: 9 / 20.0, DeadShare: 2 / 5.0, SaturatedShare: 1 / 5.0),
            monitor.Activity().Layers.Single());
    }

    [Fact]
    public void A_neuron_that_counts_is_saturated_where_it_fires_all_its_spikes_in_every_step()
    {
        using var scope = NewDisposeScope();
        using var monitor = new FiringRateMonitor(new Dictionary<string, int> { ["counts"] = 4 });
        // Two steps of one sample in rows; the neurons in columns: always 4, always 1, never, 4 and 3.
        Fire(monitor, "counts", [4, 1, 0, 4, /**/ 4, 1, 0, 3], 2, 1, 4);
        Assert.Equal(
            new LayerActivity("counts", Neurons: 4, FiringRate: 17 / 8.0, DeadShare: 1 / 4.0, SaturatedShare: 1 / 4.0) { Levels = 4 },
            monitor.Activity().Layers.Single());
    }

    [Fact]
    public void A_neuron_that_fires_in_a_later_batch_is_not_dead_and_one_that_rests_there_is_not_saturated()
    {
        using var scope = NewDisposeScope();
        using var monitor = new FiringRateMonitor();
        Fire(monitor, "layer", [1, 0, 1], 1, 1, 3);
        Fire(monitor, "layer", [1, 1, 0], 1, 1, 3);
        var activity = monitor.Activity();
        Assert.Equal(2, activity.Samples);
        Assert.Equal((4 / 6.0, 0, 1 / 3.0), (activity.FiringRate, activity.DeadShare, activity.SaturatedShare));
    }

    [Fact]
    public void A_layer_counts_in_the_whole_as_much_as_it_has_neurons()
    {
        using var scope = NewDisposeScope();
        using var monitor = new FiringRateMonitor();
        var observer = monitor.Watch(1, 1);
        observer.Fired!("silent", zeros(2, 1, 3));
        observer.Fired!("busy", ones(2, 1, 1));
        var activity = monitor.Activity();
        Assert.Equal(["silent", "busy"], activity.Layers.Select(layer => layer.Name));
        Assert.Equal((4, 0.25, 0.75, 0.25), (activity.Neurons, activity.FiringRate, activity.DeadShare, activity.SaturatedShare));
    }

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.BFloat16)]
    public void Counts_do_not_depend_on_how_a_layer_lies_in_memory(ScalarType type)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(3);
        var spikes = rand([3, 10, 4, 5, 6], generator: generator).gt(0.9).to_type(type);
        var channelsLast = spikes.permute(0, 1, 3, 4, 2).contiguous().permute(0, 1, 4, 2, 3);
        using var monitor = new FiringRateMonitor();
        monitor.Watch(10, 10).Fired!("layer", channelsLast);
        monitor.Watch(10, 10).Fired!("layer", spikes);
        var counts = spikes.to_type(float64).sum([0, 1]);
        Assert.Equal(
            new LayerActivity("layer", 120, counts.sum().ToDouble() / 120 / 30, counts.eq(0).sum().ToInt64() / 120.0,
                counts.eq(30).sum().ToInt64() / 120.0),
            monitor.Activity().Layers.Single());
    }

    [Fact]
    public void Of_a_large_batch_samples_at_even_distances_are_counted()
    {
        using var scope = NewDisposeScope();
        using var monitor = new FiringRateMonitor();
        // Samples 0, 3 and 6 of 11 fire.
        monitor.Watch(11, 3).Fired!("layer", tensor([1f, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0]).reshape(1, 11, 1));
        Assert.Equal((3, 1.0), (monitor.Activity().Samples, monitor.Activity().FiringRate));
    }

    [Fact]
    public void Every_layer_of_neurons_is_watched_and_nothing_that_is_no_spike()
    {
        using var scope = NewDisposeScope();
        using var network = WarmNetwork.Of(MsVitConfig.Preset("tiny-32"));
        using var folded = network.Folded();
        using var monitor = new FiringRateMonitor();
        var counting = monitor.Watch(2, 2);
        folded.Forward(WarmNetwork.Noise(network.Config, 2), new NetworkObserver
        {
            Fired = (name, spikes) =>
            {
                Assert.True(spikes.eq(0).logical_or(spikes.eq(1)).all().ToBoolean(), name);
                counting.Fired!(name, spikes);
            },
        });
        var neurons = network.named_modules().Where(item => item.module is LifNeuron).Select(item => item.name);
        Assert.Equal(neurons.Order(), monitor.Activity().Layers.Select(layer => layer.Name).Order());
        Assert.InRange(monitor.Activity().FiringRate, 0.01, 0.6);
    }

    [Fact]
    public void A_monitor_that_saw_nothing_says_so()
    {
        using var monitor = new FiringRateMonitor();
        Assert.Contains("No forward pass was observed", Assert.Throws<InvalidOperationException>(() => monitor.Activity()).Message,
            StringComparison.Ordinal);
    }

    private static void Fire(FiringRateMonitor monitor, string layer, float[] spikes, params long[] shape) =>
        monitor.Watch((int)shape[1], (int)shape[1]).Fired!(layer, tensor(spikes).reshape(shape));
}
