using MsVit.MLNet;
using MsVit.Tests.Support;
using static TorchSharp.torch;

namespace MsVit.Tests.Training.Steps;

/// <summary>Training in float16, on the CPU, which can do it too.</summary>
public sealed class Float16Tests
{
    private static readonly TrainingRecipe Recipe = DotTask.Recipe with { BatchSize = 8, Precision = Precision.Float16 };

    [Fact]
    public void Steps_of_a_multiplied_loss_are_those_of_the_loss_as_it_is()
    {
        using var scope = NewDisposeScope();
        using var plain = new StepRun(Recipe, readsEachStep: true);
        plain.Step.LossScale = new LossScaler.ScaleState(1, 0);
        using var scaled = new StepRun(Recipe, readsEachStep: true);
        scaled.Step.LossScale = new LossScaler.ScaleState(1024, 5);
        plain.Run(1);
        scaled.Run(1);
        Assert.Equal(new LossScaler.ScaleState(1024, 6), scaled.Step.LossScale);
        // The first step of AdamW is the sign of the gradient: what is compared is its running mean. Small gradients lose bits in
        // float16, large ones do not.
        var (expected, found) = (plain.State()["adamw.m/head.weight"], scaled.State()["adamw.m/head.weight"]);
        Assert.True(expected.abs().max().item<float>() > 0);
        Assert.InRange((expected - found).norm().item<float>() / expected.norm().item<float>(), 0, 1e-3);
        var blocks = (plain.State()["adamw.m/stage3.0.mlp.mlp1_conv.weight"], scaled.State()["adamw.m/stage3.0.mlp.mlp1_conv.weight"]);
        Assert.InRange((blocks.Item1 - blocks.Item2).norm().item<float>() / blocks.Item1.norm().item<float>(), 0, 0.02);
    }

    [Fact]
    public void A_scale_that_is_too_large_is_halved_and_its_step_left_out_without_a_fault()
    {
        using var scope = NewDisposeScope();
        using var run = new StepRun(Recipe, readsEachStep: false);
        run.Step.LossScale = new LossScaler.ScaleState(Math.Pow(2, 40), 7);
        var before = run.State();
        run.Run(1);
        Assert.Equal(new LossScaler.ScaleState(Math.Pow(2, 39), 0), run.Step.LossScale);
        var after = run.State();
        Assert.All(before, item => Assert.True(item.Value.equal(after[item.Key]).all().item<bool>(), item.Key));
        Assert.Equal((0, null), (run.Step.Read().Samples, run.Step.Read().Skipped));
        run.Run(40);
        Assert.True(run.Step.Read().Samples > 0);
    }

    [Fact]
    public void Gradients_that_are_not_finite_by_themselves_are_a_fault()
    {
        using var run = new StepRun(Recipe, readsEachStep: true);
        run.Step.LossScale = new LossScaler.ScaleState(2, 0);
        run.Run(1, pixel: float.NaN);
        Assert.Null(run.Step.Read().Skipped);
        run.Run(1, pixel: float.NaN);
        Assert.Contains("is not finite", run.Step.Read().Skipped!.Reason, StringComparison.Ordinal);
    }
}
