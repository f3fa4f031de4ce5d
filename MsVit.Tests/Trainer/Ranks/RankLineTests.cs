using MsVit.Trainer.Ranks;

namespace MsVit.Tests.Trainer.Ranks;

public sealed class RankLineTests
{
    [Theory]
    [InlineData(8, 512, 0, "64 of the 512 samples of a step each.")]
    [InlineData(3, 32, 0, "up to 11 of the 32 samples of a step each.")]
    [InlineData(2, 64, 16, "32 of the 64 samples of a step each.")]
    [InlineData(4, 64, 40, "up to 40 of the 64 samples of a step each.")]
    [InlineData(3, 64, 16, "up to 32 of the 64 samples of a step each.")]
    public void The_line_says_how_many_samples_of_a_step_a_rank_gets(int ranks, int batch, int pass, string expected) =>
        Assert.Equal(
            $"{ranks} ranks on 2 hosts (a, b), each on a GPU of its own: {expected}",
            RankLine.Of([.. Enumerable.Range(0, ranks).Select(rank => rank % 2 == 0 ? "a" : "b")],
                new() { BatchSize = batch, MicroBatchSize = pass }, "CUDA device 0"));

    [Fact]
    public void Many_hosts_are_counted()
    {
        var line = RankLine.Of(["a", "b", "c", "d", "e", "f"], new() { BatchSize = 48 }, "CPU, 2 threads");
        Assert.Equal("6 ranks on 6 hosts (a, b, c, d and 2 more), on the CPU: 8 of the 48 samples of a step each.", line);
    }
}
