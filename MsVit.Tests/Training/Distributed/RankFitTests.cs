using Microsoft.ML;
using Microsoft.ML.Runtime;
using MsVit.MLNet;
using MsVit.Tests.Support;

namespace MsVit.Tests.Training.Distributed;

/// <summary>Fit on several ranks.</summary>
public sealed class RankFitTests
{
    [Fact]
    public void Fit_gives_every_rank_the_model_of_one_process_and_only_rank_0_speaks_and_saves()
    {
        using var folder = new TemporaryFolder();
        var alone = Fit(RankGroup.Alone, folder.Path + "/alone", o => (o.Seed, o.Recipe) = (1, o.Recipe with { MicroBatchSize = 8 }));
        var ranks = ThreadGroup.Run(2, group => Fit(group, folder.Path + "/ranks", static o => o.Seed = 1));
        Assert.Equal(alone.Learned, ranks[0].Learned);
        Assert.Equal(ranks[0].Weights, ranks[1].Weights);
        Assert.Equal(alone.Reports, ranks[0].Reports);
        Assert.Equal((0, 0), (ranks[1].Reports, ranks[1].Lines));
        Assert.NotEmpty(Directory.GetFiles(folder.Path + "/ranks/checkpoints", "step-*.json"));
        Assert.Equal(Rows("alone"), Rows("ranks"));
        Assert.Equal(3, Rows("ranks"));

        int Rows(string run) => File.ReadAllLines($"{folder.Path}/{run}/log/epochs.csv").Length;
    }

    [Fact]
    public void Without_a_seed_all_ranks_use_that_of_rank_0()
    {
        using var folder = new TemporaryFolder();
        var ranks = ThreadGroup.Run(2, group => Fit(group, folder.Path, static o => o.Seed = null, new MLContext()));
        Assert.Equal(ranks[0].Weights, ranks[1].Weights);
    }

    [Fact]
    public void Ranks_with_other_options_are_refused()
    {
        using var folder = new TemporaryFolder();
        var error = Assert.Throws<InvalidOperationException>(() => ThreadGroup.Run(2, group =>
            Fit(group, folder.Path, o => o.Recipe = o.Recipe with { LearningRate = group.IsFirst ? 1e-3 : 2e-3 })));
        Assert.Contains(
            "network, recipe, class weights and kind of device: rank 1 on host-1 differs", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_checkpoint_folder_that_rank_0_cannot_use_is_an_error_on_every_rank()
    {
        using var folder = new TemporaryFolder();
        using var other = new CheckpointFolder(folder.Path + "/checkpoints");
        var errors = ThreadGroup.Run(2, group => Record.Exception(() => Fit(group, folder.Path, static o => o.Seed = 1)));
        Assert.All(errors, error => Assert.Contains("is in use by", error!.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void Ranks_blend_with_the_model_that_they_start_from_alike()
    {
        using var folder = new TemporaryFolder();
        var ml = new MLContext(seed: 1);
        using var start = DotTask.Pipeline(ml, DotTask.Options(o => o.Recipe = o.Recipe with { MaxEpoch = 1 })).Fit(DotTask.Data(ml, 44))
            .FindMsVit();
        var ranks = ThreadGroup.Run(2, group => Fit(group, folder.Path, o =>
        {
            (o.Seed, o.StartFrom, o.ValidationFraction) = (1, start, 0);
            o.Recipe = o.Recipe with { BlendWithStart = true };
        }));
        Assert.Equal(ranks[0].Weights, ranks[1].Weights);
        Assert.Equal(2, ranks[0].Reports);
    }

    private static (string Weights, float[] Learned, int Reports, int Lines) Fit(
        RankGroup group, string folder, Action<MsVitOptions> change, MLContext? mlContext = null)
    {
        var ml = mlContext ?? new MLContext(seed: 1);
        var (reports, lines) = (0, 0);
        ml.Log += (_, e) =>
            lines += e.Kind != ChannelMessageKind.Trace && e.RawMessage.StartsWith("Epoch", StringComparison.Ordinal) ? 1 : 0;
        var options = DotTask.Options(o =>
        {
            o.Group = group;
            o.Threads = 1;
            o.Recipe = o.Recipe with { MaxEpoch = 2 };
            o.Progress = report => reports += report.EpochEnded ? 1 : 0;
            o.CheckpointPath = folder + "/checkpoints";
            o.LogPath = folder + "/log";
        });
        change(options);
        var model = DotTask.Pipeline(ml, options).Fit(DotTask.Data(ml, 44));
        using var disposed = model as IDisposable;
        var network = ((IEnumerable<ITransformer>)model).OfType<MsVitTransformer>().Single().Model.Network;
        float[] learned = [.. network.parameters().SelectMany(parameter => parameter.data<float>().ToArray())];
        return (KilledRun.Weights(model), learned, reports, lines);
    }
}
