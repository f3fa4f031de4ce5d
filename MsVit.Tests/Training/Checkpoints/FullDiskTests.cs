using Microsoft.ML;
using MsVit.Tests.Support;

namespace MsVit.Tests.Training.Checkpoints;

public sealed class FullDiskTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [OwnDiskFact]
    public void A_disk_that_becomes_full_costs_checkpoints_but_neither_the_run_nor_the_checkpoint_before()
    {
        var expected = $"{FullDisk.Weights} {FullDisk.Fit(new MLContext(seed: 1), FullDisk.Options(disk: null))}";
        using var child = OwnDiskFactAttribute.Start(_folder.Path, mebibytes: 4, FreshProcess.FullDiskVerb);
        var errors = child.StandardError.ReadToEndAsync();
        var lines = child.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        child.WaitForExit();
        Assert.True(child.ExitCode == 0, errors.Result);

        // Seven steps an epoch: those of the second to the fifth epoch found no room, the first one's is the last good one.
        var unwritten = lines.Where(line => line.Contains(FullDisk.Unwritten, StringComparison.Ordinal)).ToArray();
        Assert.Equal(4, unwritten.Length);
        Assert.All(unwritten, line => Assert.Contains("The last good checkpoint is that of step 7 ", line, StringComparison.Ordinal));
        // The run ended as if nothing had been, and so did the one that went on from that checkpoint.
        Assert.Equal([expected, expected], lines.Where(line => line.StartsWith(FullDisk.Weights, StringComparison.Ordinal)));
        Assert.Equal($"{FullDisk.Epoch} 2", lines.First(line => line.StartsWith(FullDisk.Epoch, StringComparison.Ordinal)));
    }
}
