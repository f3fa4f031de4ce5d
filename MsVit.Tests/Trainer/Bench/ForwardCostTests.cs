using MsVit.MLNet;
using MsVit.Trainer.Bench;

namespace MsVit.Tests.Trainer.Bench;

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
        const int selfBlock = t * n3 * (4 * d * d + 2 * 4 * d * d
            + 2 * d * (d / 2));   // q, k, v, proj; the MLP; two products, heads of d/2
        const int head = 10 * d;

        using var network = BenchmarkNetwork.Warm(new MsVitConfig
        {
            Height = 16,
            Width = 16,
            TimeSteps = t,
            EmbedDim = d,
            NumHeads = 2,
            Depths = [1, 1, 1]
        });

        Assert.Equal(
            2.0 * (stem + n1 * tokenBlock + embed2 + n2 * tokenBlock + embed3 + selfBlock + head), ForwardCost.Flops(network));
    }

    [Fact]
    public void Frames_are_convolved_at_every_step_and_a_network_of_two_stages_is_counted_through()
    {
        const int t = 3, n0 = 32 * 32, n1 = 16 * 16, n2 = 8 * 8, n3 = 4 * 4, n4 = 2 * 2, c = 8, d = 16;
        const int stem = n0 * 9 * 2 * 2 + n0 * 9 * 2 * 4 + n1 * 9 * 4 * c + n2 * 9 * c * c
            + n3 * 4 * c;    // d/4, d/2, d, d; the shortcut of stride 4
        const int tokenBlock = 5 * c * c + c * c;                                       // a token: q, k, p, proj; the MLP of ratio 1 is two
        const int embed2 = n3 * 9 * c * d + n3 * 9 * d * d + n4 * c * d;
        const int selfBlock = n4 * (4 * d * d + 2 * d * d + 2 * d * (d / 2));
        const int head = 10 * d;

        using var network = new MsVitNetwork(MsVitConfig.Preset("cifar10-dvs") with
        { Height = 32, Width = 32, TimeSteps = t, EmbedDim = d, NumHeads = 2 });
        network.eval();

        Assert.Equal(2.0 * (t * (stem + n3 * tokenBlock + embed2 + selfBlock) + head), ForwardCost.Flops(network));
    }
}
