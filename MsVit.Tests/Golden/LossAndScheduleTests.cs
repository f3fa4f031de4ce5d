using System.Text.Json;
using MsVit.MLNet;
using MsVit.Tests.Training.Losses;
using static TorchSharp.torch;

namespace MsVit.Tests.Golden;

/// <summary>Losses and schedules as timm 0.6.12 and PyTorch 1.13 computed them, recorded in
/// ../shared/golden/augment/losses_schedules.*.</summary>
public sealed class LossAndScheduleTests
{
    private const string Name = "losses_schedules";

    [NeedsAugmentGoldenFact]
    public void Losses_and_their_gradients_are_the_recorded_ones()
    {
        using var scope = NewDisposeScope();
        using var file = Tensors();
        foreach (var golden in Cases(golden => golden.TryGetProperty("loss", out _)))
        {
            var name = golden.GetProperty("loss").GetString()!;
            var logits = file.Tensors["logits"].clone().requires_grad_();
            var loss = Loss(name, golden, logits, file);
            loss.backward();
            var value = file.Tensors[golden.GetProperty("value").GetString()!].item<float>();
            Assert.True(Math.Abs(loss.item<float>() / value - 1) < 1e-6, $"{name}: {loss.item<float>()}, recorded {value}");
            Close.Within(1e-7, file.Tensors[golden.GetProperty("gradient").GetString()!], logits.grad!, name);
        }
    }

    [NeedsAugmentGoldenFact]
    public void The_rate_of_each_epoch_is_the_recorded_one_from_its_first_step_to_its_last()
    {
        using var file = Tensors();
        foreach (var golden in Schedules("epoch cosine"))
        {
            var name = golden.GetProperty("schedule").GetString()!;
            var schedule = new EpochCosine(
                Number(golden, "base"), Number(golden, "minimum"), Number(golden, "warmup_start"), (int)Number(golden, "warmup_epochs"),
                (int)Number(golden, "epochs"), StepsPerEpoch: 7);
            var rates = file.Tensors[name].data<double>().ToArray();
            Assert.Equal(Number(golden, "epochs") + Number(golden, "cooldown"), rates.Length);
            foreach (var (epoch, rate) in rates.Index())
            {
                var ours = schedule.At(7 * epoch);
                Assert.True(Math.Abs(ours / rate - 1) < 1e-12, $"{name}, epoch {epoch}: {ours}, recorded {rate}");
                Assert.Equal(ours, schedule.At((7 * epoch) + 6));
            }
        }
    }

    [NeedsAugmentGoldenFact]
    public void The_rate_at_a_part_of_an_epoch_is_the_recorded_one()
    {
        using var file = Tensors();
        foreach (var golden in Schedules("step half cosine"))
        {
            var schedule = new StepHalfCosine(
                Number(golden, "base"), Number(golden, "minimum"), Number(golden, "warmup_epochs"), Number(golden, "epochs"),
                StepsPerEpoch: 1);
            var (epochs, rates) = (Values("at"), Values("values"));
            Assert.NotEmpty(rates);
            Assert.Equal(epochs.Length, rates.Length);
            Assert.All(epochs.Zip(rates), point =>
                Assert.InRange(Math.Abs(schedule.AtEpoch(point.First) - point.Second), 0, 1e-12 * point.Second));

            double[] Values(string key) => file.Tensors[golden.GetProperty(key).GetString()!].data<double>().ToArray();
        }
    }

    private static Tensor Loss(string name, JsonElement golden, Tensor logits, SafetensorsFile file)
    {
        const string SoftTarget = "soft_target";
        if (name.StartsWith(SoftTarget, StringComparison.Ordinal))
        {
            // The targets are soft_targets, or what the name says: soft_target_of_TENSOR.
            return SoftTargetLoss.Of(logits, file.Tensors[name == SoftTarget ? "soft_targets" : name[(SoftTarget + "_of_").Length..]]);
        }
        using var loss = new ClassLoss(golden.TryGetProperty("smoothing", out var smoothing) ? smoothing.GetDouble() : 0);
        return loss.Of(logits, file.Tensors["labels"]);
    }

    private static SafetensorsFile Tensors() => SafetensorsReader.Read(Path.Combine(AugmentFolder.Path, Name + ".safetensors"));

    private static List<JsonElement> Schedules(string kind) =>
        Cases(golden => golden.TryGetProperty("schedule", out _) && golden.GetProperty("kind").GetString() == kind);

    private static List<JsonElement> Cases(Func<JsonElement, bool> wanted)
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(AugmentFolder.Path, Name + ".json")));
        var cases = json.RootElement.GetProperty("cases").EnumerateArray().Where(wanted).Select(golden => golden.Clone()).ToList();
        Assert.NotEmpty(cases);
        return cases;
    }

    private static double Number(JsonElement golden, string key) => golden.GetProperty(key).GetDouble();
}
