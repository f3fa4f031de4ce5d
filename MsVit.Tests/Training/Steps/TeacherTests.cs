using MsVit.MLNet;
using MsVit.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace MsVit.Tests.Training.Steps;

/// <summary>
/// Steps that learn from a teacher, beside plain compositions of torch operations. AdamW's first moments are a tenth of the gradients;
/// batch norms use fixed statistics, so that a sample's output does not depend on the others.
/// </summary>
public sealed class TeacherTests
{
    private const int Width = 5;

    private static readonly int[] All = [0, 1, 2, 3, 4, 5, 6, 7];
    private static readonly float[] Weights = [1, 2, 0, 0.5f, 3, 1, 1, 0.25f];
    private static readonly Mixing HalfMixed = new() { MixupAlpha = 0.5 };

    [Theory]
    [InlineData(FeatureLoss.Cosine, false, false)]
    [InlineData(FeatureLoss.Cosine, true, true)]
    [InlineData(FeatureLoss.SmoothL1, false, true)]
    [InlineData(FeatureLoss.SmoothL1, true, false)]
    public void The_gradient_is_that_of_the_labels_loss_plus_the_weighted_distance_of_standardized_features(
        FeatureLoss loss, bool isMixed, bool isWeighted)
    {
        var recipe = Recipe(new() { Loss = loss, Weight = 1.5 }, isMixed ? HalfMixed : null);
        AssertIsSum(recipe, Vectors(Width), isWeighted ? Weights : null, (batch, features, _, projection) =>
        {
            var vectors = tensor(batch.Teacher!).view(batch.Count, Width);
            var mean = vectors.mean([0]);
            var deviation = vectors.sub(mean).square().mean([0]).sqrt();
            var targets = Mixed(vectors.sub(mean).div(deviation), batch);
            var own = features.mean([0]).matmul(projection["teacher.projection.weight"].t())
                .add(projection["teacher.projection.bias"]);
            var difference = own.sub(targets).abs();
            return loss == FeatureLoss.Cosine
                ? 1 - own.mul(targets).sum(1).div(own.norm(1).mul(targets.norm(1)))
                : where(difference.lt(1), difference.square().mul(0.5), difference.sub(0.5)).mean([1]);
        });
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, true)]
    public void The_gradient_of_scores_is_that_of_their_divergence_times_the_squared_temperature(bool areProbabilities, bool isMixed)
    {
        const double Temperature = 3;
        var recipe = Recipe(new() { Kind = TeacherKind.Scores, Temperature = Temperature }, isMixed ? HalfMixed : null);
        var vectors = Vectors(3);
        if (areProbabilities)
        {
            vectors = [.. vectors.Select(vector => tensor(vector).softmax(0).data<float>().ToArray())];
        }
        AssertIsSum(recipe, vectors, null, (batch, _, logits, _) =>
        {
            var scores = tensor(batch.Teacher!).view(batch.Count, 3);
            var teacher = Mixed((areProbabilities ? scores.log() : scores).div(Temperature).softmax(1), batch);
            return teacher.mul(teacher.log() - logits.div(Temperature).log_softmax(1)).sum(1).mul(Temperature * Temperature);
        });
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Passes_over_a_step_add_up_to_the_step_also_with_samples_that_have_no_label(bool isMixed)
    {
        var recipe = Recipe(new(), isMixed ? HalfMixed : null);
        AssertClose(Gradients(recipe, [0, 1, 6]), Gradients(recipe with { BatchSize = 8, MicroBatchSize = 3 }, [0, 1, 6]));
        AssertClose(Gradients(recipe, [0, 1, 6]), Gradients(recipe with { BatchSize = 8, MicroBatchSize = 1 }, [0, 1, 6]));
    }

    [Fact]
    public void Samples_without_a_label_do_not_count_in_the_loss_of_the_labels_nor_in_its_accuracy()
    {
        using var scope = NewDisposeScope();
        using var all = new StepRun(Recipe(new()), readsEachStep: true, [0, 1, 2, 3], teacher: Vectors(Width));
        using var some = new StepRun(Recipe(new()), readsEachStep: true, All, teacher: Vectors(Width), unlabeled: [4, 5, 6, 7]);
        all.Network.eval();
        some.Network.eval();
        all.Run(1);
        some.Run(1);
        var (expected, sums) = (all.Step.Read(), some.Step.Read());
        Assert.Equal(expected.Loss, sums.Loss, 1e-4);
        Assert.Equal((expected.Right, 4, 8, 4), (sums.Right, expected.Samples, sums.Samples, sums.Unlabeled));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_step_without_labels_moves_the_features_and_leaves_the_head(bool readsEachStep)
    {
        using var scope = NewDisposeScope();
        using var run = new StepRun(Recipe(new()), readsEachStep, teacher: Vectors(Width), unlabeled: All);
        var before = run.State();
        run.Run(3);
        var after = run.State();
        Assert.True(before["head.weight"].equal(after["head.weight"]).all().item<bool>());
        Assert.False(before["teacher.projection.weight"].equal(after["teacher.projection.weight"]).all().item<bool>());
        Assert.False(before["patch_embed1.proj_conv.weight"].equal(after["patch_embed1.proj_conv.weight"]).all().item<bool>());
        var sums = run.Step.Read();
        Assert.Equal((0.0, 24L, 24L), (sums.Loss, sums.Samples, sums.Unlabeled));
        Assert.InRange(sums.Teacher / sums.Samples, 0.01, 2);
    }

    [Theory]
    [InlineData(FeatureLoss.Cosine, 0.5)]
    [InlineData(FeatureLoss.SmoothL1, 0.2)]
    public void Features_learn_to_be_those_of_the_teacher(FeatureLoss loss, double most)
    {
        using var scope = NewDisposeScope();
        using var run = new StepRun(
            Recipe(new() { Loss = loss }), readsEachStep: true, teacher: Vectors(Width), unlabeled: All);
        run.Run(1);
        var first = run.Step.Read();
        run.Run(100);
        _ = run.Step.Read();
        run.Run(1);
        var last = run.Step.Read();
        Assert.True(last.Teacher < most * first.Teacher, $"{first.Teacher} to {last.Teacher}");
    }

    [Fact]
    public void The_update_for_a_GPU_sums_what_the_one_that_reads_sums()
    {
        using var scope = NewDisposeScope();
        using var read = new StepRun(Recipe(new()), readsEachStep: true, teacher: Vectors(Width), unlabeled: [2, 3]);
        using var gated = new StepRun(Recipe(new()), readsEachStep: false, teacher: Vectors(Width), unlabeled: [2, 3]);
        read.Run(2);
        gated.Run(2);
        var (expected, sums) = (read.Step.Read(), gated.Step.Read());
        Assert.Equal((expected.Samples, expected.Unlabeled, expected.Skipped), (sums.Samples, sums.Unlabeled, sums.Skipped));
        Assert.Equal(expected.Loss, sums.Loss, 1e-3);
        Assert.Equal(expected.Teacher, sums.Teacher, 1e-3);
    }

    [Fact]
    public void Steps_leave_no_tensor_behind()
    {
        using var run = new StepRun(Recipe(new(), HalfMixed), readsEachStep: false, teacher: Vectors(Width), unlabeled: [2, 3]);
        run.Run(2);
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        run.Run(5);
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    private static TrainingRecipe Recipe(TeacherRecipe teacher, Mixing? mixing = null) => DotTask.Recipe with
    {
        LabelSmoothing = 0.1,
        Teacher = teacher,
        Images = DotTask.Recipe.Images with { Mixing = mixing },
    };

    private static float[][] Vectors(int width)
    {
        var random = new Random(3);
        return [.. All.Select(_ => Enumerable.Range(0, width).Select(i => (i + 1) * ((float)random.NextDouble() - 0.3f)).ToArray())];
    }

    private static Tensor Mixed(Tensor own, SampleBatch batch) =>
        own.mul(batch.Mix.Lambda).add(own.flip(0).mul(1 - batch.Mix.Lambda));

    private static Dictionary<string, Tensor> Gradients(TrainingRecipe recipe, int[] unlabeled)
    {
        using var run = new StepRun(recipe, readsEachStep: true, weights: Weights, teacher: Vectors(Width), unlabeled: unlabeled);
        run.Network.eval();
        run.Run(1);
        Assert.Null(run.Step.Read().Skipped);
        return Means(run);
    }

    private static Dictionary<string, Tensor> Means(StepRun run) =>
        run.Step.State().Where(item => item.Key.StartsWith($"{AdamW.Prefix}m/", StringComparison.Ordinal))
            .ToDictionary(item => item.Key, item => item.Value.detach().cpu().clone());

    // A step's gradients are those of: loss of the labels + weight x (weighted mean over the batch of what 'each' gives, [B]).
    private static void AssertIsSum(
        TrainingRecipe recipe, float[][] vectors, float[]? weights,
        Func<SampleBatch, Tensor, Tensor, IReadOnlyDictionary<string, Tensor>, Tensor> each)
    {
        using var scope = NewDisposeScope();
        using var run = new StepRun(recipe, readsEachStep: true, weights: weights, teacher: vectors);
        run.Network.eval();
        using var batch = run.Batch();
        Assert.Equal(recipe.Images.Mixing is not null, batch.Mix.Lambda < 1);
        var state = run.Step.State().Where(item => item.Key.StartsWith("teacher.", StringComparison.Ordinal))
            .ToDictionary(item => item.Key, item => item.Value);
        var input = batch.ToInput(new([0.1f, 0.1f, 0.1f], [0.1f, 0.1f, 0.1f], 255), CPU);
        var features = run.Network.Features(input, new());
        var logits = run.Network.Classify(features);
        using var labels = new ClassLoss(recipe.LabelSmoothing);
        var own = tensor(batch.Weights ?? [.. Enumerable.Repeat(1f, batch.Count)]);
        var label = new BatchTargets(batch, labels, null, CPU).Part(0, batch.Count).Loss(features, logits).Label!;
        var teacher = each(batch, features, logits, state).mul(Mixed(own, batch)).sum().div(own.sum());
        (label + teacher.mul(recipe.Teacher!.Weight)).backward();
        var expected = run.Network.named_parameters().Where(item => item.parameter.grad is not null)
            .Select(item => (item.name, item.parameter.grad!))
            .Concat(state.Where(item => item.Value.grad is not null).Select(item => (item.Key, item.Value.grad!)))
            .ToDictionary(item => $"{AdamW.Prefix}m/{item.Item1}", item => item.Item2.mul(0.1).clone());
        Assert.Equal(recipe.Teacher.Kind == TeacherKind.Features, expected.ContainsKey("adamw.m/teacher.projection.weight"));
        run.Run(1);
        AssertClose(expected, Means(run));
    }

    private static void AssertClose(Dictionary<string, Tensor> expected, Dictionary<string, Tensor> actual)
    {
        Assert.Contains(expected.Values, gradient => gradient.abs().max().ToDouble() > 1e-4);
        Assert.All(expected, pair =>
        {
            var (difference, scale) = ((pair.Value - actual[pair.Key]).abs().max().ToDouble(), pair.Value.abs().max().ToDouble());
            Assert.True(difference <= 1e-4 * scale + 1e-7, $"{pair.Key}: {difference} beside {scale}");
        });
    }
}
