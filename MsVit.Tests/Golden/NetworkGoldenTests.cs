using MsVit.MLNet.Interop;
using MsVit.MLNet.Network;
using MsVit.MLNet.Network.Attention;
using TorchSharp;

namespace MsVit.Tests.Golden;

public sealed class NetworkGoldenTests
{
    public static TheoryData<string> Cases =>
        [.. GoldenVariants.Cases.Where(item => GoldenVariants.Built.Contains(item.Variant)).Select(item => item.Label)];

    [Fact]
    public void Every_recorded_network_is_of_a_known_variant()
    {
        Assert.DoesNotContain(GoldenVariants.Cases, item => !GoldenVariants.Built.Contains(item.Variant));
        Assert.NotEmpty(Cases);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Evaluation_gives_the_recorded_spikes_stages_and_logits(string label)
    {
        using var golden = new GoldenCase(label);
        using var scope = torch.NewDisposeScope();
        using var network = Network(golden, ProjectionCoupling.Batch);
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

    [Theory]
    [MemberData(nameof(Cases))]
    public void Samples_do_not_influence_each_other_by_default(string label)
    {
        using var golden = new GoldenCase(label);
        using var scope = torch.NewDisposeScope();
        using var network = Network(golden, ProjectionCoupling.PerSample);
        network.eval();
        using var noGrad = torch.no_grad();
        Close.Within(1e-5, golden["eval/logits_single"], network.call(GoldenVariants.Input(golden)), "logits of single samples");
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_training_step_gives_the_recorded_loss_gradients_statistics_and_weights(string label)
    {
        using var golden = new GoldenCase(label);
        using var scope = torch.NewDisposeScope();
        using var network = Network(golden, ProjectionCoupling.Batch);
        network.train();

        var spikes = new Dictionary<string, double>();
        var outputs = new Dictionary<string, torch.Tensor>();
        var logits = network.Forward(GoldenVariants.Input(golden), new NetworkObserver
        {
            Fired = (name, fired) => spikes.Add(name, fired.sum().item<float>()),
            Produced = (name, output) => outputs.Add(name, Keep(output, scope)),
        });
        CheckSpikes(golden, "train", spikes);
        Close.Within(1e-5, golden["train/features"], outputs["features"], "features");
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
        tolerances.CheckLossAfterStep(torch.nn.functional.cross_entropy(network.call(GoldenVariants.Input(golden)), golden["labels"]).item<float>());
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_network_moved_to_double_precision_gives_the_loss_recorded_in_it(string label)
    {
        using var golden = new GoldenCase(label);
        using var scope = torch.NewDisposeScope();
        using var network = Network(golden, ProjectionCoupling.Batch);
        network.train();
        network.to(torch.float64);
        Assert.All(network.parameters(), parameter => Assert.Equal(torch.float64, parameter.dtype));
        var loss = torch.nn.functional.cross_entropy(network.call(GoldenVariants.Input(golden).to_type(torch.float64)), golden["labels"]);
        Assert.Equal(golden.Json.GetProperty("loss_float64").GetDouble(), loss.item<double>(), 1e-9);
    }

    private static MsVitNetwork Network(GoldenCase golden, ProjectionCoupling coupling)
    {
        var network = new MsVitNetwork(GoldenVariants.Config(golden.Json, coupling));
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
            .ToDictionary(layer => ReferenceNames.ToOurs(layer.Name), layer => layer.Value.GetProperty(mode).GetProperty("spikes").GetDouble());
        Assert.Equal(recorded.OrderBy(pair => pair.Key), counted.OrderBy(pair => pair.Key));
    }
}
