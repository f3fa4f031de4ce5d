using MsVit.MLNet;
using MsVit.Tests.Support;
using static TorchSharp.torch;

namespace MsVit.Tests.Network;

public sealed class StochasticDepthTests
{
    [Fact]
    public void The_last_block_drops_as_often_as_asked_for_and_scales_what_it_keeps()
    {
        using var scope = NewDisposeScope();
        var depth = new StochasticDepth(0.5, (_, _) => [0.49f, 0.5f]);
        var gate = depth.Gate(block: 3, blocks: 4, branch: 0, zeros([2, 2, 1, 1, 1]))!;
        Assert.Equal([1, 2, 1, 1, 1], gate.shape);
        Assert.Equal([0f, 2f], gate.data<float>().ToArray());
    }

    [Fact]
    public void The_first_block_is_never_left_out_and_those_between_rise_linearly()
    {
        using var scope = NewDisposeScope();
        var depth = new StochasticDepth(0.6, (_, _) => [0.19f, 0.21f]);
        var x = zeros([1, 2, 1, 1, 1]);
        Assert.Null(depth.Gate(0, 4, 0, x));
        Assert.Equal([0f, 1 / (1 - 0.2f)], depth.Gate(1, 4, 1, x)!.data<float>().ToArray());
    }

    [Fact]
    public void Evaluation_leaves_nothing_out()
    {
        using var scope = NewDisposeScope();
        using var network = new MsVitNetwork(DotTask.Network with { Classes = 3 });
        network.eval();
        var images = rand([2, 3, DotTask.Size, DotTask.Size]);
        var context = new ForwardContext { Depth = new(0.9, (_, count) => new float[count]) };
        Assert.Equal(network.call(images).data<float>().ToArray(), network.Forward(images, context).data<float>().ToArray());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_sample_whose_branches_are_left_out_keeps_what_went_into_the_block(bool recompute)
    {
        using var scope = NewDisposeScope();
        using var network = new MsVitNetwork(DotTask.Network with { Classes = 3 });
        network.train();
        var images = rand([2, 3, DotTask.Size, DotTask.Size]);
        var blocks = new Dictionary<string, float[]>();
        var observer = new NetworkObserver
        {
            Produced = (name, output) => blocks[name] = output[.., 0].contiguous().data<float>()
            .ToArray()
        };
        var depth = new StochasticDepth(0.9, (_, count) => [0, .. Enumerable.Repeat(0.99f, count - 1)]);
        var context = new ForwardContext(network, observer) { Depth = depth, Recompute = recompute };
        context.Pass.Backward(network.Forward(images, context).sum());
        Assert.Equal(blocks["patch_embed3"], blocks["stage3.0"]);
    }
}
