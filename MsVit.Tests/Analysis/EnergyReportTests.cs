using System.Globalization;
using MsVit.MLNet;
using MsVit.MLNet.Analysis;

namespace MsVit.Tests.Analysis;

public sealed class EnergyReportTests
{
    [Fact]
    public void The_energy_of_a_tiny_network_is_that_computed_by_hand()
    {
        var report = Report(new(NonZeroShare: 0.25, MeanValue: 0.5, BinaryShare: 0.9, IntegerShare: 1, Largest: 3));
        // 288 + 16 MACs of the first convolution and the head, 19264 of the others at T = 2:
        // 4.6 x 304 + 0.9 x 0.25 x 2 x 19264 = 1398.4 + 8668.8
        Assert.Equal(10067.2, report.Picojoules, precision: 6);
        // 1398.4 + 0.9 x 0.5 x 2 x 19264
        Assert.Equal(18736.0, report.PicojoulesByValue, precision: 6);
        // 4.6 x (288 + 19264 + 16)
        Assert.Equal(90012.8, report.AnnPicojoules, precision: 6);
        // 304 + 0.25 x 2 x 19264
        Assert.Equal(9936, report.Operations, precision: 6);
        // float16: 1.5 x 304 + 0.4 x 0.25 x 2 x 19264; int8: 0.23 x 304 + 0.03 x 0.25 x 2 x 19264
        Assert.Equal(4308.8, report.At(EnergyConstants.Float16).Picojoules, precision: 6);
        Assert.Equal(358.88, report.At(EnergyConstants.Int8).Picojoules, precision: 6);
    }

    [Fact]
    public void Memory_adds_a_weight_an_operation_an_input_an_event_and_each_membrane_twice()
    {
        // q of token attention: 256 MACs, 64 inputs, 64 neurons, T = 2, a quarter of the inputs not 0:
        var row = Report(new(0.25, 0.5, 1, 1, 1)).Layers.Single(layer => layer.Layer.Name == "stage1.0.tssa.q_conv");
        // 128 operations at 0.9; 5 pJ x (128 weights + 2 x 16 inputs + 2 x 2 x 64 membrane accesses)
        Assert.Equal((128 * 0.9) + (5 * (128 + 32 + 256)), row.MemoryPicojoules, precision: 6);
        // 256 MACs at 4.6; 5 pJ x (256 weights + 64 inputs + 64 outputs)
        Assert.Equal((256 * 4.6) + (5 * 384), row.AnnMemoryPicojoules, precision: 6);
    }

    [Fact]
    public void The_last_line_of_the_csv_is_the_sum_of_those_above()
    {
        var report = Report(new(0.3, 0.4, 0.9, 1, 2));
        var lines = report.ToCsv().Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(',')).ToList();
        var names = lines[0];
        Assert.Equal(report.Layers.Count + 2, lines.Count);
        foreach (var column in new[] { "macs", "inputs", "neurons", "parameters", "operations", "operations_by_value", "pj",
            "pj_by_value", "ann_pj", "memory_pj", "ann_memory_pj" })
        {
            var values = lines.Skip(1).Select(line => double.Parse(line[Array.IndexOf(names, column)], CultureInfo.InvariantCulture))
                .ToList();
            Assert.Equal(values[^1], values.SkipLast(1).Sum(), precision: 6);
        }
    }

    [Fact]
    public void Published_energies_hold_at_the_implied_rates()
    {
        Assert.Equal(["imagenet-10-384", "imagenet-10-512", "imagenet-10-768"],
            PresetOperations.ImageNet.Select(row => row.Operations.Network.Name));
        Assert.Equal([16.65, 24.74, 45.88], PresetOperations.ImageNet.Select(row => row.PublishedMillijoules!.Value));
        Assert.All(PresetOperations.ImageNet, row => Assert.Equal(
            row.PublishedMillijoules!.Value, row.MillijoulesAt(row.ImpliedRate!.Value), precision: 9));
        Assert.Contains("224 x 224", PresetOperations.ToText(PresetOperations.ImageNet), StringComparison.Ordinal);
    }

    [Fact]
    public void A_changed_preset_has_no_published_energy() =>
        Assert.Null(PresetOperations.Of(MsVitConfig.Preset("imagenet-10-384") with { TimeSteps = 2 }).ImpliedRate);

    private static EnergyReport Report(LayerInput input)
    {
        var config = TinyNetwork.Config;
        return new(config, 2, 1, EnergyConstants.Float32,
            [.. SynapticOperations.Of(config).Layers.Select(layer => new LayerEnergy(layer, input, layer.RunsOnce ? 1
                : 2, 1, EnergyConstants.Float32))]);
    }
}
