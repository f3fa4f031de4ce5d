using System.Text.Json;
using MsVit.MLNet;
using MsVit.Tests.Training.Losses;
using static TorchSharp.torch;

namespace MsVit.Tests.Golden;

/// <summary>Losses and schedules as timm 0.6.12 and PyTorch 1.13 computed them, recorded in ../shared/golden/augment/losses_schedules.*.</summary>
public sealed class LossAndScheduleTests
{
    private const string Name = "losses_schedules";

    [NeedsAugmentTheory]
    [InlineData("cross_entropy")]
    [InlineData("label_smoothing_0_1")]
    [InlineData("label_smoothing_0_25")]
    [InlineData("soft_target")]
    [InlineData("soft_target_of_smoothed_labels")]
    public void A_loss_and_its_gradient_are_the_recorded_ones(string name)
    {
        using var scope = NewDisposeScope();
        using var file = Tensors();
        var golden = Case("loss", name);
        var logits = file.Tensors["logits"].clone().requires_grad_();
        var loss = Loss(name, golden, logits, file);
        loss.backward();
        var value = file.Tensors[golden.GetProperty("value").GetString()!].item<float>();
        Assert.Equal(1, loss.item<float>() / value, 1e-6);
        Close.Within(1e-7, file.Tensors[golden.GetProperty("gradient").GetString()!], logits.grad!, name);
    }

    [NeedsAugmentTheory]
    [InlineData("cifar", 410)]
    [InlineData("dvs128_gesture", 202)]
    [InlineData("cifar10_dvs", 106)]
    public void The_rate_of_each_epoch_is_the_recorded_one_from_its_first_step_to_its_last(string name, int epochs)
    {
        using var file = Tensors();
        var golden = Case("schedule", name);
        var schedule = new EpochCosine(
            Number(golden, "base"), Number(golden, "minimum"), Number(golden, "warmup_start"), (int)Number(golden, "warmup_epochs"),
            (int)Number(golden, "epochs"), StepsPerEpoch: 7);
        var rates = file.Tensors[name].data<double>().ToArray();
        Assert.Equal(epochs, rates.Length);
        foreach (var (epoch, rate) in rates.Index())
        {
            Assert.Equal(1, schedule.At(7 * epoch) / rate, 1e-12);
            Assert.Equal(schedule.At(7 * epoch), schedule.At((7 * epoch) + 6));
        }
    }

    [NeedsAugmentTheory]
    [InlineData("imagenet_half_cosine", 48)]
    public void The_rate_at_a_part_of_an_epoch_is_the_recorded_one(string name, int points)
    {
        using var file = Tensors();
        var golden = Case("schedule", name);
        var schedule = new StepHalfCosine(
            Number(golden, "base"), Number(golden, "minimum"), Number(golden, "warmup_epochs"), Number(golden, "epochs"), StepsPerEpoch: 1);
        var (epochs, rates) = (Values("at"), Values("values"));
        Assert.Equal(points, rates.Length);
        Assert.All(epochs.Zip(rates), point => Assert.InRange(Math.Abs(schedule.AtEpoch(point.First) - point.Second), 0, 1e-12 * point.Second));

        double[] Values(string key) => file.Tensors[golden.GetProperty(key).GetString()!].data<double>().ToArray();
    }

    private static Tensor Loss(string name, JsonElement golden, Tensor logits, SafetensorsFile file)
    {
        if (name.StartsWith("soft_target", StringComparison.Ordinal))
        {
            return SoftTargetLoss.Of(logits, file.Tensors[name == "soft_target" ? "soft_targets" : "smoothed_labels"]);
        }
        using var loss = new ClassLoss(golden.TryGetProperty("smoothing", out var smoothing) ? smoothing.GetDouble() : 0);
        return loss.Of(logits, file.Tensors["labels"]);
    }

    private static SafetensorsFile Tensors() => SafetensorsReader.Read(Path.Combine(AugmentFolder.Path, Name + ".safetensors"));

    private static JsonElement Case(string kind, string name)
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(AugmentFolder.Path, Name + ".json")));
        return json.RootElement.GetProperty("cases").EnumerateArray()
            .Single(golden => golden.TryGetProperty(kind, out var found) && found.GetString() == name).Clone();
    }

    private static double Number(JsonElement golden, string key) => golden.GetProperty(key).GetDouble();
}
