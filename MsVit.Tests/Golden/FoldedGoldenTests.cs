using MsVit.MLNet;
using TorchSharp;

namespace MsVit.Tests.Golden;

public sealed class FoldedGoldenTests
{
    public static TheoryData<string> Cases => NetworkGoldenTests.Cases;

    [Theory]
    [MemberData(nameof(Cases))]
    public void Folded_batch_norms_leave_every_spike_where_it_was_and_give_the_recorded_logits(string label)
    {
        using var golden = new GoldenCase(label);
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        using var network = Network(golden, ProjectionCoupling.Batch);
        using var folded = network.Folded();
        var (expected, actual) = (new Dictionary<string, torch.Tensor>(), new Dictionary<string, torch.Tensor>());

        network.Forward(GoldenVariants.Input(golden), Recorder(expected, scope));
        var logits = folded.Forward(GoldenVariants.Input(golden), Recorder(actual, scope));

        Assert.Equal(expected.Keys, actual.Keys);
        Assert.True(expected.Count > 30, $"{expected.Count} layers were seen");
        foreach (var (layer, tensor) in expected)
        {
            Close.Within(layer == "produced features" ? 1e-6 : 0, tensor, actual[layer], layer);
        }
        Close.Within(1e-5, golden["eval/logits"], logits, "logits");
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Folded_and_uncoupled_it_gives_the_recorded_logits_of_single_samples(string label)
    {
        using var golden = new GoldenCase(label);
        using var scope = torch.NewDisposeScope();
        using var network = Network(golden, ProjectionCoupling.PerSample);
        using var folded = network.Folded();
        Close.Within(1e-5, golden["eval/logits_single"], folded.Forward(GoldenVariants.Input(golden)), "logits of single samples");
    }

    private static MsVitNetwork Network(GoldenCase golden, ProjectionCoupling coupling)
    {
        var network = new MsVitNetwork(GoldenVariants.Config(golden.Json, coupling));
        NetworkWeights.Load(network, golden.Under("state/"), "golden state");
        network.eval();
        return network;
    }

    // The input of the first convolution is the image; all others are spikes and their sums.
    private static NetworkObserver Recorder(Dictionary<string, torch.Tensor> seen, DisposeScope scope)
    {
        return new()
        {
            Convolving = (name, input) => Keep("convolving " + name, input),
            Fired = (name, spikes) => Keep("fired " + name, spikes),
            Produced = (name, output) => Keep("produced " + name, output),
        };

        void Keep(string name, torch.Tensor tensor)
        {
            var kept = tensor.detach().clone().DetachFromDisposeScope();
            scope.Attach(kept);
            seen.Add(name, kept);
        }
    }
}
