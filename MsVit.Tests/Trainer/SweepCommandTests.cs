using System.Text.Json;
using MsVit.Tests.Support;
using MsVit.Trainer;

namespace MsVit.Tests.Trainer;

public sealed class SweepCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_sweep_is_run_reported_and_found_done_when_it_is_run_again()
    {
        var (store, report, space) = (File("s.db"), File("r.html"), _folder.Write("space.json", "{ \"TimeSteps\": [1, 2] }"u8.ToArray()));
        string[] sweep =
        [
            "sweep", "--data", "shapes:60", "--space", space, "--vary", "EmbedDim=16|32", "--sampler", "Grid", "--pruner", "None",
                "--epochs", "1", "--store", store, "--report", report, "--json",
            "--preset", "tiny-32", "--set", "Depths=1,1", "--device", "cpu",
        ];
        var (code, output, error) = Cli.Run(sweep);
        Assert.True(code == 0, error);
        var trials = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)
            .ToArray();
        Assert.Equal(4, trials.Length);
        Assert.Equal("trial state values objectives epochs attempts failure model best front", Cli.Fields(trials[0].GetRawText()));
        Assert.All(trials, trial => Assert.Equal(("completed", 1),
            (trial.GetProperty("state").GetString(), trial.GetProperty("attempts").GetInt32())));
        Assert.True(System.IO.File.Exists(trials.Single(trial => trial.GetProperty("best").GetBoolean()).GetProperty("model").GetString()));
        Assert.Contains("Pareto front", System.IO.File.ReadAllText(report), StringComparison.Ordinal);

        var again = Cli.Run(sweep);
        Assert.Equal(output, again.Output);
        Assert.DoesNotContain("epoch", again.Error, StringComparison.Ordinal);
        Assert.Contains("was started with different settings: seed was 1, now 2", Cli.Run([.. sweep, "--seed", "2"]).Error,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--vary TimeSteps is not understood", "--vary", "TimeSteps")]
    [InlineData("--vary LearningRate=log:1 is not understood", "--vary", "LearningRate=log:1")]
    [InlineData("LearningRate is logarithmic and starts at 0", "--vary", "LearningRate=log:0..1")]
    [InlineData("There is no option 'Depth'. Did you mean Network.Depths", "--vary", "Depth=1|2")]
    [InlineData("There is no file", "--space", "nowhere.json")]
    [InlineData("expected a file name ending in .db", "--store", "trials.txt")]
    [InlineData("Trials is 0", "--trials", "0")]
    [InlineData("EpochBudget is 0", "--epoch-budget", "0")]
    [InlineData("--trials many is not understood: expected a whole number.", "--trials", "many")]
    [InlineData("--sampler Gird is not understood: expected Tpe, Grid, Random. Did you mean Grid?", "--sampler", "Gird")]
    [InlineData("--sampler Bayes is not understood: expected Tpe, Grid, Random.", "--sampler", "Bayes")]
    [InlineData("--objective Speed is not understood: expected Accuracy, Energy, Latency, Parameters.", "--objective", "Speed")]
    [InlineData("holds images, but the network laptop-dvs takes event frames", "--preset", "laptop-dvs")]
    [InlineData("--max-samples is -1; it must be 0 or more", "--max-samples", "-1")]
    public void A_wrong_word_gives_one_line_and_code_2(string message, params string[] args)
    {
        var (code, output, error) = Cli.Run(["sweep", "--data", "shapes:40", .. args.Contains("--store") ? []
            : (string[])["--store", File("s.db")], .. args]);
        Assert.Equal((2, ""), (code, output));
        Assert.Contains(message, error, StringComparison.Ordinal);
        Assert.Equal(1, error.Count(c => c == '\n'));
    }

    [Fact]
    public void A_sweep_of_which_no_trial_can_run_ends_with_code_1_and_the_reason()
    {
        var (code, _, error) = Cli.Run("sweep", "--data", "shapes:40", "--store", File("s.db"), "--vary", "NumHeads=7", "--preset",
            "tiny-32", "--epochs", "1");
        Assert.Equal(1, code);
        Assert.Contains("error: No trial succeeded. The first error: ", error, StringComparison.Ordinal);
        Assert.Contains("NumHeads", error.Split('\n')[^2], StringComparison.Ordinal);
    }

    [Fact]
    public void Words_that_a_shell_would_take_are_quoted_where_the_command_is_repeated()
    {
        var parsed = MsVit.Trainer.CommandLine.Root().Parse(["sweep", "--data", "my photos", "--vary", "TimeSteps=1|2", "--json"]);
        Assert.Equal("msvit sweep --data \"my photos\" --vary \"TimeSteps=1|2\"", CommandWords.Again(parsed, "--json"));
    }

    private string File(string name) => Path.Combine(_folder.Path, name);
}
