using MsVit.MLNet;
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
    public void Evaluation_gives_the_recorded_spikes_stages_and_logits(string label) => RecordedNetwork.CheckEvaluation(label, torch.CPU);

    [Theory]
    [MemberData(nameof(Cases))]
    public void Samples_do_not_influence_each_other_by_default(string label)
    {
        using var golden = new GoldenCase(label);
        using var scope = torch.NewDisposeScope();
        using var network = RecordedNetwork.Create(golden, ProjectionCoupling.PerSample);
        network.eval();
        using var noGrad = torch.no_grad();
        Close.Within(1e-5, golden["eval/logits_single"], network.call(GoldenVariants.Input(golden)), "logits of single samples");
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_training_step_gives_the_recorded_loss_gradients_statistics_and_weights(string label) =>
        RecordedNetwork.CheckTrainingStep(label, torch.CPU);

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_network_moved_to_double_precision_gives_the_loss_recorded_in_it(string label)
    {
        using var golden = new GoldenCase(label);
        using var scope = torch.NewDisposeScope();
        using var network = RecordedNetwork.Create(golden, ProjectionCoupling.Batch);
        network.train();
        network.to(torch.float64);
        Assert.All(network.parameters(), parameter => Assert.Equal(torch.float64, parameter.dtype));
        var loss = torch.nn.functional.cross_entropy(network.call(GoldenVariants.Input(golden).to_type(torch.float64)), golden["labels"]);
        Assert.Equal(golden.Json.GetProperty("loss_float64").GetDouble(), loss.item<double>(), 1e-9);
    }
}
