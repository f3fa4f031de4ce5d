using System.Text.Json.Nodes;
using Microsoft.ML;
using MsVit.MLNet;
using MsVit.Tests.Support;

namespace MsVit.Tests.Training.Checkpoints;

/// <summary>What a run finds when it is taken up again.</summary>
public sealed class CheckpointTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly MLContext _ml = new(seed: 1);
    private readonly List<string> _log = [];

    public CheckpointTests() => _ml.Log += (_, e) =>
    {
        lock (_log)
        {
            _log.Add(e.Message);
        }
    };

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_cancelled_run_goes_on_where_it_was_and_ends_as_if_it_had_not_been_cancelled()
    {
        using var whole = (IDisposable)Fit(o => o.CheckpointPath = null);
        using var cancel = new CancellationTokenSource();
        using var part = (IDisposable)Fit(o =>
        {
            o.CancellationToken = cancel.Token;
            o.Progress = report =>
            {
                if (report is { Epoch: 2, EpochEnded: true })
                {
                    cancel.Cancel();
                }
            };
        });
        Assert.NotEqual(KilledRun.Weights((ITransformer)whole), KilledRun.Weights((ITransformer)part));
        var epochs = new List<int>();
        using var rest = (IDisposable)Fit(o => o.Progress = report => epochs.Add(report.Epoch));
        Assert.Equal(KilledRun.Weights((ITransformer)whole), KilledRun.Weights((ITransformer)rest));
        Assert.Equal(3, epochs.Min());
    }

    [Fact]
    public void A_run_in_float16_goes_on_with_the_scale_of_its_loss()
    {
        Action<MsVitOptions> half = o => o.Recipe = o.Recipe with { MaxEpoch = 2, Precision = MLNet.Precision.Float16 };
        using var whole = (IDisposable)Fit(o =>
        {
            half(o);
            o.CheckpointPath = null;
        });
        using var cancel = new CancellationTokenSource();
        using var part = (IDisposable)Fit(o =>
        {
            half(o);
            o.CancellationToken = cancel.Token;
            o.Progress = _ => cancel.Cancel();
        });
        var saved = JsonNode.Parse(File.ReadAllLines(Directory.GetFiles(_folder.Path, "step-*.json").Order(StringComparer.Ordinal)
            .Last()).Skip(1).Aggregate(string.Concat));
        Assert.True((int)saved!["State"]!["LossScale"]!["FiniteSteps"]! > 0, saved.ToJsonString());
        using var rest = (IDisposable)Fit(half);
        Assert.Equal(KilledRun.Weights((ITransformer)whole), KilledRun.Weights((ITransformer)rest));
    }

    [Fact]
    public void A_finished_run_is_not_trained_again()
    {
        using var first = (IDisposable)Fit();
        var reports = 0;
        using var second = (IDisposable)Fit(o => o.Progress = _ => reports++);
        Assert.Equal(0, reports);
        Assert.Equal(KilledRun.Weights((ITransformer)first), KilledRun.Weights((ITransformer)second));
    }

    [Theory]
    [InlineData("*.json")]
    [InlineData("step-*.safetensors")]
    public void A_damaged_last_checkpoint_is_named_and_the_one_before_it_serves(string pattern)
    {
        using var first = (IDisposable)Fit();
        var damaged = Directory.GetFiles(_folder.Path, pattern).Order(StringComparer.Ordinal).Last();
        var bytes = File.ReadAllBytes(damaged);
        bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(damaged, bytes);
        _log.Clear();
        using var second = (IDisposable)Fit();
        Assert.Equal(KilledRun.Weights((ITransformer)first), KilledRun.Weights((ITransformer)second));
        Assert.Contains(_log, line => line.Contains("is damaged", StringComparison.Ordinal)
            && line.Contains("the one before it", StringComparison.Ordinal));
    }

    [Fact]
    public void Checkpoints_that_are_all_damaged_stop_the_run_instead_of_starting_it_anew()
    {
        using var first = (IDisposable)Fit();
        foreach (var path in Directory.GetFiles(_folder.Path, "*.json"))
        {
            File.WriteAllBytes(path, File.ReadAllBytes(path)[..^20]);
        }
        var error = Assert.Throws<InvalidDataException>(() => Fit());
        Assert.Contains(_folder.Path, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_checkpoint_of_another_run_is_refused_with_what_differs()
    {
        using var first = (IDisposable)Fit();
        var error = Assert.Throws<InvalidOperationException>(
            () => Fit(o => (o.Recipe, o.Seed) = (o.Recipe with { LearningRate = 1e-3 }, 2)));
        Assert.Contains("Recipe.LearningRate was 0.005 and is 0.001", error.Message, StringComparison.Ordinal);
        Assert.Contains("the seed was 1 and is 2", error.Message, StringComparison.Ordinal);
        var data = Assert.Throws<InvalidOperationException>(() => DotTask.Pipeline(_ml, Options()).Fit(DotTask.Data(_ml, 120, seed: 9)));
        Assert.Contains("samples differ", data.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_runs_cannot_use_one_folder_at_a_time()
    {
        using var other = new MLNet.CheckpointFolder(_folder.Path);
        Assert.Contains("Another run", Assert.ThrowsAny<IOException>(() => Fit()).Message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void Two_checkpoints_and_the_best_weights_that_they_name_are_kept()
    {
        using var model = (IDisposable)Fit();
        Assert.Equal(2, Directory.GetFiles(_folder.Path, "step-*.json").Length);
        Assert.Equal(2, Directory.GetFiles(_folder.Path, "step-*.safetensors").Length);
        Assert.InRange(Directory.GetFiles(_folder.Path, "best-*.safetensors").Length, 1, 2);
        Assert.Empty(Directory.GetFiles(_folder.Path, "*.tmp"));
    }

    [Fact]
    public void A_checkpoint_that_cannot_be_written_is_said_and_training_goes_on()
    {
        // A folder where the checkpoint of the second epoch belongs.
        Directory.CreateDirectory(Path.Combine(_folder.Path, "step-000000000014.json"));
        using var model = (IDisposable)Fit();
        Assert.Contains(_log, line => line.Contains("step 14 could not be written", StringComparison.Ordinal)
            && line.Contains("step 7", StringComparison.Ordinal));
        var last = JsonNode.Parse(File.ReadAllLines(Directory.GetFiles(_folder.Path, "step-*.json").Order(StringComparer.Ordinal).Last())
            .Skip(1).Aggregate(string.Concat));
        Assert.True((bool)last!["State"]!["IsFinished"]!);
    }

    private ITransformer Fit(Action<MsVitOptions>? change = null)
    {
        var options = Options();
        change?.Invoke(options);
        return DotTask.Pipeline(_ml, options).Fit(DotTask.Data(_ml, 120));
    }

    // 108 samples are left for training: seven steps an epoch.
    private MsVitOptions Options() => DotTask.Options(o =>
    {
        o.Recipe = DotTask.Recipe with { MaxEpoch = 5, StochasticDepth = 0.2, WeightAverageDecay = 0.9 };
        o.CheckpointPath = _folder.Path;
    });
}
