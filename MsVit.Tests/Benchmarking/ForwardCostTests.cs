using MsVit.MLNet.Benchmarking;
using MsVit.MLNet.Network;

namespace MsVit.Tests.Benchmarking;

public sealed class ForwardCostTests
{
    [Fact]
    public void The_operations_of_a_small_network_are_those_counted_by_hand()
    {
        const int t = 2, n1 = 16 * 16, n2 = 8 * 8, n3 = 4 * 4, c = 4, d = 8;
        const int stem = 9 * 3 * 2 * n1 + t * n1 * (9 * 2 * c + 2 * c);                 // its first convolution sees the image once
        const int tokenBlock = t * (3 * c * c + 3 * c * c + 2 * 4 * c * c);             // a token: q, k, proj; p over 3; the MLP
        const int embed2 = t * (n1 * 9 * c * c + n1 * 9 * c * c + n2 * c * c);
        const int embed3 = t * (n2 * 9 * c * d + n2 * 9 * d * d + n3 * c * d);
        const int selfBlock = t * n3 * (4 * d * d + 2 * 4 * d * d + 2 * d * (d / 2));   // q, k, v, proj; the MLP; two products, heads of d/2
        const int head = 10 * d;

        using var network = BenchmarkNetwork.Warm(new MsVitConfig { Height = 16, Width = 16, TimeSteps = t, EmbedDim = d, NumHeads = 2, Depths = [1, 1, 1] });

        Assert.Equal(
            2.0 * (stem + n1 * tokenBlock + embed2 + n2 * tokenBlock + embed3 + selfBlock + head), ForwardCost.Flops(network));
    }
}
