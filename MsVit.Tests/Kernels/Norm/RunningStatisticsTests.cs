using MsVit.MLNet.Kernels;
using TorchSharp;

namespace MsVit.Tests.Kernels.Norm;

public sealed class RunningStatisticsTests
{
    // With a number that is not held, about one call in ten thousand failed.
    private const int Batches = 100_000;

    [Fact]
    public void No_number_of_a_batch_is_freed_while_torch_reads_it()
    {
        using var norm = torch.nn.BatchNorm2d(1);
        using var mean = torch.full([1], 0.5f);
        using var variance = torch.full([1], 2f);
        var pass = new Pass();
        using var stop = new CancellationTokenSource();
        var collector = new Thread(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                GC.Collect(0);
                GC.WaitForPendingFinalizers();
            }
        });
        collector.Start();
        try
        {
            for (var batch = 0; batch < Batches; batch++)
            {
                RunningStatistics.Track(norm, mean, variance, pass);
            }
        }
        finally
        {
            stop.Cancel();
            collector.Join();
        }
        Assert.Equal(Batches, norm.num_batches_tracked!.item<long>());
        Assert.Equal(0.5f, norm.running_mean!.item<float>(), 1e-4f);
        Assert.Equal(2f, norm.running_var!.item<float>(), 1e-4f);
    }
}
