using MsVit.MLNet;
using MsVit.Tests.Golden;
using MsVit.Tests.Support;
using static TorchSharp.torch;

namespace MsVit.Tests.Training.Steps;

/// <summary>The update for a GPU, run on the CPU: it changes the weights as the one that reads every step does.</summary>
public sealed class GatedUpdateTests
{
    private static readonly TrainingRecipe Recipe = DotTask.Recipe with
    {
        BatchSize = 8,
        MicroBatchSize = 4,
        MaxGradientNorm = 0.5,
        WeightAverageDecay = 0.9,
        LayerDecay = 0.8,
    };

    [Fact]
    public void Its_steps_are_those_of_the_one_that_reads_them_but_for_rounding()
    {
        using var scope = NewDisposeScope();
        using var read = new StepRun(Recipe, readsEachStep: true);
        using var gated = new StepRun(Recipe, readsEachStep: false);
        read.Run(4);
        gated.Run(4);
        var (expected, state) = (read.State(), gated.State());
        var compared = expected.Where(item => !IsUndone(item.Key)).ToArray();
        Assert.True(compared.Length > 400, $"{compared.Length}");
        Assert.All(compared, item => Close.Within(2e-5, item.Value.to(float64), state[item.Key].to(float64), item.Key));
        var (loss, own) = (read.Step.Read(), gated.Step.Read());
        Assert.Equal((32, null, null), (own.Samples, own.Skipped, loss.Skipped));
        Assert.Equal((loss.Samples, loss.Right), (own.Samples, own.Right));
        Assert.Equal(loss.Loss, own.Loss, 1e-3);
        Assert.Equal(0, gated.Step.Read().Samples);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_step_that_is_not_finite_changes_no_bit_and_is_named_at_the_next_reading(bool readsEachStep)
    {
        using var scope = NewDisposeScope();
        using var run = new StepRun(Recipe, readsEachStep);
        run.Run(2);
        Assert.Null(run.Step.Read().Skipped);
        var before = run.State();
        run.Run(2, pixel: float.NaN);
        var after = run.State();
        // The average of the gated one counts its steps without knowing which were taken: that alone moves.
        Assert.All(before, item => Assert.True(item.Key == "ema.step" || item.Value.equal(after[item.Key]).all().item<bool>(), item.Key));
        var sums = run.Step.Read();
        Assert.Equal((2, 2L, 0L), (sums.Skipped!.Count, sums.Skipped.First, sums.Samples));
        Assert.Contains("patch_embed1.proj_conv.weight is not finite", sums.Skipped.Reason, StringComparison.Ordinal);
        run.Run(1);
        Assert.Equal((8, null), (run.Step.Read().Samples, run.Step.Read().Skipped));
        Assert.False(run.State()["head.weight"].equal(after["head.weight"]).all().item<bool>());
    }

    [Fact]
    public void A_first_step_that_is_not_finite_leaves_the_optimizer_where_it_began()
    {
        using var scope = NewDisposeScope();
        using var run = new StepRun(Recipe, readsEachStep: false);
        run.Run(1, pixel: float.NaN);
        Assert.Equal(0, run.State()["adamw.step"].item<long>());
        run.Run(1);
        Assert.Equal(1, run.State()["adamw.step"].item<long>());
        Assert.All(run.State(), item => Assert.True(item.Value.to(float64).isfinite().all().item<bool>(), item.Key));
    }

    // The batch norm behind such a bias takes it out again: its gradient is rounding alone, and the optimizer makes a whole step of its
    // sign.
    private static bool IsUndone(string key) =>
        key.EndsWith("_conv.bias", StringComparison.Ordinal) || (key.EndsWith(".running_mean", StringComparison.Ordinal)
            && (key.Contains("proj_bn", StringComparison.Ordinal) || key.Contains("mlp", StringComparison.Ordinal)));

    [Fact]
    public void Steps_leave_no_tensor_behind()
    {
        using var run = new StepRun(Recipe, readsEachStep: false);
        run.Run(2);
        var before = TorchSharp.DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        run.Run(5);
        Assert.Equal(before, TorchSharp.DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }
}
