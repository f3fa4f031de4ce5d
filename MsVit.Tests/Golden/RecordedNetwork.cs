using MsVit.MLNet;
using TorchSharp;

namespace MsVit.Tests.Golden;

/// <summary>Holds our networks to the recorded ones, on the device that is asked for.</summary>
internal static class RecordedNetwork
{
    /// <summary>Asserts that evaluation gives the recorded spikes, stages and logits.</summary>
    public static void CheckEvaluation(string label, torch.Device device)
    {
        using var golden = new GoldenCase(label, device);
        using var scope = torch.NewDisposeScope();
        using var network = Create(golden, ProjectionCoupling.Batch, device);
        var unused = golden.Under("state/").Where(pair => ReferenceNames.IsUnused(pair.Key)).Sum(pair => pair.Value.numel());
        Assert.Equal(golden.Json.GetProperty("parameters").GetInt64() - unused, network.ParameterCount);
        network.eval();
        using var noGrad = torch.no_grad();

        var spikes = new Dictionary<string, double>();
        var outputs = new Dictionary<string, torch.Tensor>();
        var logits = network.Forward(GoldenVariants.Input(golden), new NetworkObserver
        {
            Fired = (name, fired) => spikes.Add(name, fired.sum().item<float>()),
            Produced = (name, output) => outputs.Add(name, Keep(output, scope)),
        });

        CheckSpikes(golden, "eval", spikes);
        var stages = golden.Under("eval/").Where(pair => pair.Key is not ("features" or "logits" or "logits_single")).ToList();
        Assert.Equal(stages.Count + 1, outputs.Count);
        foreach (var (name, expected) in stages)
        {
            Close.Equal(GoldenVariants.Stage(golden, expected), outputs[ReferenceNames.ToOurs(name)].flatten(3), name);
        }
        Close.Within(1e-5, golden["eval/features"], outputs["features"], "features");
        Close.Within(1e-5, golden["eval/logits"], logits, "logits");
    }

    /// <summary>Asserts that a training step gives the recorded loss, gradients, statistics and weights.</summary>
    /// <param name="label">The case.</param>
    /// <param name="device">Where to.</param>
    /// <param name="times">How many times as wide <see cref="DeadChannels"/> makes the network. The default is 1.</param>
    public static void CheckTrainingStep(string label, torch.Device device, int times = 1)
    {
        using var golden = new GoldenCase(label, device);
        using var scope = torch.NewDisposeScope();
        using var network = times == 1 ? Create(golden, ProjectionCoupling.Batch, device) : DeadChannels.Create(golden, times, device);
        network.train();

        var spikes = new Dictionary<string, double>();
        var outputs = new Dictionary<string, torch.Tensor>();
        var logits = network.Forward(GoldenVariants.Input(golden), new NetworkObserver
        {
            Fired = (name, fired) => spikes.Add(name, fired.sum().item<float>()),
            Produced = (name, output) => outputs.Add(name, Keep(output, scope)),
        });
        CheckSpikes(golden, "train", spikes);
        var features = golden["train/features"];
        Close.Within(1e-5, features, DeadChannels.Recorded(outputs["features"], features, network.Config.NumHeads), "features");
        Close.Within(1e-5, golden["train/logits"], logits, "logits");
        var loss = torch.nn.functional.cross_entropy(logits, golden["labels"]);
        Assert.Equal(golden.Json.GetProperty("loss").GetDouble(), loss.item<float>(), 1e-5);

        loss.backward();
        var tolerances = new StepTolerances(golden);
        tolerances.CheckGradients(network);
        tolerances.CheckBatchNorms(network);
        using var optimizer = torch.optim.AdamW(network.parameters(), lr: 1e-3, weight_decay: 0.06);
        optimizer.step();
        tolerances.CheckParameters(network);
        tolerances.CheckLossAfterStep(torch.nn.functional.cross_entropy(
            network.call(GoldenVariants.Input(golden)), golden["labels"]).item<float>());
    }

    /// <summary>The network of a case with its weights.</summary>
    public static MsVitNetwork Create(GoldenCase golden, ProjectionCoupling coupling, torch.Device? device = null)
    {
        var network = new MsVitNetwork(GoldenVariants.Config(golden.Json, coupling));
        network.to(device ?? torch.CPU);
        NetworkWeights.Load(network, golden.Under("state/"), "golden state");
        return network;
    }

    // An onlooker's tensors belong to the layer's dispose scope, which ends before the test's.
    private static torch.Tensor Keep(torch.Tensor output, DisposeScope scope)
    {
        var kept = output.detach().clone().DetachFromDisposeScope();
        scope.Attach(kept);
        return kept;
    }

    private static void CheckSpikes(GoldenCase golden, string mode, Dictionary<string, double> counted)
    {
        var recorded = golden.Json.GetProperty("layers").EnumerateObject()
            .ToDictionary(layer => ReferenceNames.ToOurs(layer.Name),
                layer => layer.Value.GetProperty(mode).GetProperty("spikes").GetDouble());
        Assert.Equal(recorded.OrderBy(pair => pair.Key), counted.OrderBy(pair => pair.Key));
    }
}
