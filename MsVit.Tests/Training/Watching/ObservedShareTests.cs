using MsVit.MLNet;

namespace MsVit.Tests.Training.Watching;

public sealed class ObservedShareTests
{
    [Theory]
    [InlineData(100, 32, 100)]
    [InlineData(256, 256, 256)]
    [InlineData(800, 32, 224)]
    [InlineData(10_000, 32, 256)]
    [InlineData(10_000, 512, 224)]
    [InlineData(10_000, 10_000, 256)]
    [InlineData(3_000, 30, 256)]
    [InlineData(7, 1, 7)]
    public void At_most_256_samples_are_observed_and_nearly_as_many_where_there_are_enough(int samples, int batchSize, int expected)
    {
        Assert.Equal(expected, Observed(samples, batchSize).Sum(batch => batch.Count));
    }

    [Fact]
    public void The_observed_batches_are_spread_over_the_whole_set()
    {
        Assert.Equal([0, 40, 80, 120, 160, 200, 240, 280], Observed(10_000, 32).Select(batch => batch.Index));
    }

    // Counts with a one-neuron layer how many samples of which batch the monitor takes.
    private static List<(int Index, int Count)> Observed(int samples, int batchSize)
    {
        using var monitor = new FiringRateMonitor();
        var share = new ObservedShare(monitor, samples, batchSize);
        var observed = new List<(int, int)>();
        var before = 0;
        for (var (index, done) = (0, 0); done < samples; index++, done += batchSize)
        {
            var batch = Math.Min(batchSize, samples - done);
            if (share.NextObserver(batch) is { } observer)
            {
                using var spikes = TorchSharp.torch.zeros(1, batch, 1);
                observer.Fired!("layer", spikes);
                observed.Add((index, monitor.Activity().Samples - before));
                before = monitor.Activity().Samples;
            }
        }
        return observed;
    }
}
