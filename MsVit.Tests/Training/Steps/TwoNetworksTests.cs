using MsVit.MLNet;
using MsVit.Tests.Network;
using MsVit.Tests.Support;
using static TorchSharp.torch;

namespace MsVit.Tests.Training.Steps;

public sealed class TwoNetworksTests
{
    private const int Steps = 20;

    [Fact]
    public async Task A_network_whose_backward_pass_fails_does_not_disturb_one_that_trains_in_the_same_process()
    {
        var undisturbed = Trained(new ManualResetEventSlim(true));
        using var started = new ManualResetEventSlim();
        var beside = Task.Run(() => Trained(started));
        using var network = new MsVitNetwork(DotTask.Network with { Classes = 3 });
        do
        {
            var e = Assert.Throws<InvalidTimeZoneException>(() => FailingPass(network));
            Assert.Equal("only this network fails", e.Message);
            started.Set();
        }
        while (!beside.IsCompleted);
        var weights = await beside;
        Assert.All(undisturbed, item => Assert.Equal(item.Value, weights[item.Key]));
    }

    // All that the steps changed, once another thread lets them begin.
    private static Dictionary<string, byte[]> Trained(ManualResetEventSlim start)
    {
        using var scope = NewDisposeScope();
        using var run = new StepRun(DotTask.Recipe with { BatchSize = 8, RecomputeActivations = true, StochasticDepth = 0.2 },
            readsEachStep: true);
        start.Wait();
        run.Run(Steps);
        Assert.Null(run.Step.Read().Skipped);
        return run.State().ToDictionary(item => item.Key, item => item.Value.contiguous().bytes.ToArray());
    }

    // Its blocks run again in the backward pass, where the first draw throws.
    private static void FailingPass(MsVitNetwork network)
    {
        using var scope = NewDisposeScope();
        var isBackward = false;
        var context = new ForwardContext
        {
            Recompute = true,
            Depth = new(0.5, (_, count) => isBackward ? throw new InvalidTimeZoneException("only this network fails") : new float[count]),
        };
        var loss = network.Forward(WarmNetwork.Noise(network.Config, 4), context).sum();
        isBackward = true;
        context.Pass.Backward(loss);
    }
}
