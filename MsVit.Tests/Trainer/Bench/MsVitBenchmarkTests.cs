using System.Text.Json;
using MsVit.Trainer.Bench;
using TorchSharp;

namespace MsVit.Tests.Trainer.Bench;

public sealed class MsVitBenchmarkTests
{
    private static readonly BenchmarkSettings Quick = new() { Quick = true };

    public static TheoryData<string> Names => [.. MsVitBenchmark.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_quick_run_gives_a_positive_median_and_positive_ratios(string name)
    {
        var row = MsVitBenchmark.Run(name, Quick);
        Assert.Equal(name, row.Name);
        Assert.All(
            new[] { row.Median, row.RatioToEager ?? 1, row.ShareOfPeak ?? 1, row.MemoryRatio ?? 1 },
            value => Assert.True(double.IsFinite(value) && value > 0, $"{row}"));
    }

    [Theory]
    [InlineData("peak.copy.float32", "GB/s", false)]
    [InlineData("peak.matmul.float32", "GFLOP/s", false)]
    [InlineData("images.decode", "images/s", false)]
    [InlineData("images.augment.cifar10", "images/s", false)]
    [InlineData("images.augment.imagenet", "images/s", false)]
    [InlineData("neuron.lif", "ms", true)]
    [InlineData("train.laptop.float32", "ms", true)]
    [InlineData("score.cifar10.float32", "images/s", true)]
    public void Only_rows_that_hold_neurons_have_ratios(string name, string unit, bool hasRatios)
    {
        var row = MsVitBenchmark.Run(name, Quick);
        Assert.Equal(unit, row.Unit);
        Assert.Equal(hasRatios, row.RatioToEager is not null);
        Assert.Equal(hasRatios, row.ShareOfPeak is not null);
    }

    [Fact]
    public void Json_is_one_line_with_six_keys()
    {
        var row = new BenchmarkRow { Name = "neuron.lif", Median = 1.5, Unit = "ms", RatioToEager = 20, ShareOfPeak = 0.5 };
        Assert.Equal(
            """{"name":"neuron.lif","median":1.5,"unit":"ms","ratio_to_eager":20,"share_of_peak":0.5,"memory_ratio":null}""", row.ToJson());
        using var json = JsonDocument.Parse(MsVitBenchmark.Run("images.decode", Quick).ToJson());
        Assert.Equal(
            ["name", "median", "unit", "ratio_to_eager", "share_of_peak", "memory_ratio"],
            json.RootElement.EnumerateObject().Select(property => property.Name));
    }

    [Fact]
    public void Torch_has_as_many_threads_afterwards_as_before()
    {
        var before = torch.get_num_threads();
        MsVitBenchmark.Run("neuron.lif", Quick with { Threads = before + 1 });
        Assert.Equal(before, torch.get_num_threads());
    }

    [Fact]
    public void An_unknown_row_and_settings_out_of_range_are_refused_by_name()
    {
        Assert.Contains("neuron.lif", Assert.Throws<ArgumentException>(() => MsVitBenchmark.Run("neuron.izhikevich")).Message,
            StringComparison.Ordinal);
        Assert.Contains("Threads is 0", Assert.Throws<ArgumentException>(
            () => MsVitBenchmark.Run("neuron.lif", new() { Threads = 0 })).Message, StringComparison.Ordinal);
        Assert.Contains("Device is 'gpu'", Assert.Throws<ArgumentException>(
            () => MsVitBenchmark.Run("neuron.lif", new() { Device = "gpu" })).Message, StringComparison.Ordinal);
        Assert.Contains("Repeats is 0", Assert.Throws<ArgumentException>(
            () => MsVitBenchmark.Run("neuron.lif", new() { Repeats = 0 })).Message, StringComparison.Ordinal);
    }
}
