using MsVit.Trainer.Bench;
using MsVit.Trainer.Commands;

namespace MsVit.Tests.Trainer;

public sealed class BenchCommandTests
{
    [Fact]
    public void The_table_is_aligned_and_has_dashes_where_nothing_applies()
    {
        BenchmarkRow[] rows =
        [
            new() { Name = "peak.matmul.float32", Median = 187.25, Unit = "GFLOP/s" },
            new() { Name = "neuron.lif", Median = 17.6, Unit = "ms", RatioToEager = 25.221, ShareOfPeak = 0.614, MemoryRatio = 0.164 },
            new() { Name = "transform.cifar10.float32", Median = 12345.678, Unit = "images/s", RatioToEager = 1.5, ShareOfPeak = 0.97 },
        ];
        Assert.Equal(
            """
            row                            median unit      x eager  of peak    memory
            peak.matmul.float32            187.25 GFLOP/s         -        -         -
            neuron.lif                      17.60 ms          25.22      61%      0.16
            transform.cifar10.float32    12345.68 images/s     1.50      97%         -
            """.ReplaceLineEndings("\n"),
            string.Join('\n', rows.Select(BenchTable.Line).Prepend(BenchTable.Header)));
    }

    [Fact]
    public void The_beginning_of_a_name_up_to_a_dot_stands_for_all_of_its_rows()
    {
        var (code, output, error) = Cli.Run("bench", "neuron.lif", "images.decode", "--quick", "--json");
        Assert.Equal(0, code);
        Assert.Equal(3, output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Equal("1 of 3: neuron.lif\n2 of 3: neuron.lif.atan\n3 of 3: images.decode\n", error);
    }

    [Fact]
    public void A_row_that_does_not_exist_ends_with_code_2_and_the_names()
    {
        var (code, output, error) = Cli.Run("bench", "neuron.li");
        Assert.Equal(2, code);
        Assert.Empty(output);
        Assert.StartsWith("error: No row has the name or the prefix 'neuron.li'. There are: peak.copy.float32, ", error,
            StringComparison.Ordinal);
    }
}
