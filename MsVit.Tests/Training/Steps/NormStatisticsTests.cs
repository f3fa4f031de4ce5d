using MsVit.MLNet;
using TorchSharp.Modules;

namespace MsVit.Tests.Training.Steps;

public sealed class NormStatisticsTests
{
    [Fact]
    public void A_batch_counts_for_every_norm_but_the_frozen_ones()
    {
        using var network = new MsVitNetwork(MsVitConfig.Preset("laptop-32"));
        network.train();
        var norms = network.modules().OfType<BatchNorm>().ToList();
        norms[1].eval();
        using var statistics = new NormStatistics(network);
        statistics.CountBatch();
        statistics.CountBatch();
        Assert.Equal(
            norms.Select((_, index) => index == 1 ? 0L : 2),
            norms.Select(norm => norm.num_batches_tracked!.item<long>()));
        Assert.All(norms, norm => Assert.Equal(0, norm.running_mean!.abs().max().item<float>()));
        statistics.Restore();
        Assert.All(norms, norm => Assert.Equal(0, norm.num_batches_tracked!.item<long>()));
    }
}
