using System.Diagnostics;
using System.Text.Json;
using MsVit.Tests.Support;

namespace MsVit.Tests.Trainer;

public sealed class TrainCommandTests : IDisposable
{
    private static readonly string[] Tiny = ["--preset", "tiny-32", "--set", "EmbedDim=32", "--set", "TimeSteps=1", "--set", "Depths=1,1",
        "--device", "cpu"];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_model_is_trained_saved_reported_and_evaluated()
    {
        var (model, report) = (File("m.zip"), File("r.html"));
        var (code, output, error) = Cli.Run(["train", "--data", "shapes:60:1", "--test", "shapes:40:2", "--epochs", "2", "--output",
            model, "--report", report, "--json", .. Tiny]);
        Assert.True(code == 0, error);

        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)
            .ToArray();
        Assert.Equal(["epoch", "epoch", "result"], lines.Select(line => line.GetProperty("event").GetString()));
        Assert.Equal("event epoch trainLoss trainAccuracy validationLoss validationAccuracy learningRate samplesPerSecond bestEpoch "
            + "seconds", Cli.Fields(lines[0].GetRawText()));
        Assert.Equal("event model epochs accuracy top5 logLoss macroAccuracy count unknownLabels unreadable",
            Cli.Fields(lines[2].GetRawText()));
        Assert.Equal([1, 2], lines[..2].Select(line => line.GetProperty("epoch").GetInt32()));
        Assert.Contains("<html", System.IO.File.ReadAllText(report), StringComparison.Ordinal);
        Assert.False(Directory.Exists(model + ".run"));

        var evaluated = Cli.Run("evaluate", "--model", model, "--data", "shapes:40:2", "--json");
        Assert.True(evaluated.Code == 0, evaluated.Error);
        var figures = JsonDocument.Parse(evaluated.Output).RootElement;
        Assert.Equal("accuracy top5 logLoss macroAccuracy count unknownLabels unreadable mistakes", Cli.Fields(evaluated.Output));
        Assert.Equal(40, figures.GetProperty("count").GetInt64());
        Assert.Equal(lines[2].GetProperty("accuracy").GetDouble(), figures.GetProperty("accuracy").GetDouble());
        Assert.InRange(figures.GetProperty("top5").GetDouble(), figures.GetProperty("accuracy").GetDouble(), 1);
    }

    [Fact]
    public void What_the_library_warns_of_is_a_line_of_its_own()
    {
        // A file where the folder of the log should be.
        var log = _folder.Write("log", [1]);
        var (code, _, error) = Cli.Run(["train", "--data", "shapes:20", "--epochs", "1", "--log", log, "--output", File("m.zip"), .. Tiny]);
        Assert.Equal(0, code);
        Assert.Contains("\nwarning: The log ", error, StringComparison.Ordinal);
    }

    [Fact]
    public void The_published_protocol_chooses_the_epoch_on_the_test_set_and_says_so()
    {
        var (model, report) = (File("m.zip"), File("r.html"));
        string[] train = ["train", "--data", "shapes:60:1", "--epochs", "2", "--protocol", "published", "--output", model, "--report",
            report, .. Tiny];
        var without = Cli.Run(train);
        Assert.Equal(2, without.Code);
        Assert.Contains("add --test", without.Error, StringComparison.Ordinal);

        var (code, _, error) = Cli.Run([.. train, "--test", "shapes:40:2"]);
        Assert.True(code == 0, error);
        Assert.Contains("The test set shapes:40:2 chooses the best epoch (the published protocol)", error, StringComparison.Ordinal);
        Assert.Contains("Memory: about", error, StringComparison.Ordinal);
        Assert.Contains("which also chose the best epoch (the published protocol)", System.IO.File.ReadAllText(report),
            StringComparison.Ordinal);
        Assert.Contains("40 samples of the test set", Cli.Run("info", model).Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_that_was_cut_off_is_neither_overwritten_nor_forgotten()
    {
        var model = File("m.zip");
        _ = _folder.Write("m.zip.run/checkpoint.json", [1]);
        string[] train = ["train", "--data", "shapes:40", "--epochs", "1", "--output", model, .. Tiny];

        var (code, _, error) = Cli.Run(train);
        Assert.Equal(2, code);
        Assert.Contains("add --resume to resume it, or --restart to start over", error, StringComparison.Ordinal);

        _ = _folder.Write("m.zip.run/holiday.jpg", [1]);
        Assert.Contains("such as holiday.jpg. Nothing was deleted", Cli.Run([.. train, "--restart"]).Error, StringComparison.Ordinal);
        System.IO.File.Delete(File("m.zip.run/holiday.jpg"));

        var restarted = Cli.Run([.. train, "--restart"]);
        Assert.True(restarted.Code == 0, restarted.Error);
        Assert.Contains("There is no run to resume", Cli.Run([.. train, "--resume"]).Error, StringComparison.Ordinal);
    }

    [LinuxFact("signals")]
    public void A_run_that_nohup_started_ignores_that_its_terminal_was_closed()
    {
        var model = File("m.zip");
        using var process = Process.Start(new ProcessStartInfo("nohup", ["dotnet", typeof(FreshProcess).Assembly.Location,
            FreshProcess.CliVerb, "train", "--data", "shapes:60", "--epochs", "12", "--validation-fraction", "0", "--output", model,
            .. Tiny])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["OMP_NUM_THREADS"] = "1" },
        })!;
        while (process.StandardError.ReadLine() is { } line && !line.StartsWith("epoch", StringComparison.Ordinal))
        {
        }
        FreshProcess.Terminate(process, "HUP");
        var rest = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, rest);
    }

    [LinuxTheory("signals")]
    [InlineData("TERM")]
    [InlineData("HUP")]
    public void A_request_to_end_saves_and_the_same_words_with_resume_go_on(string signal)
    {
        var model = File("m.zip");
        string[] train = ["train", "--data", "shapes:60", "--epochs", "400", "--validation-fraction", "0", "--output", model, .. Tiny];
        using var process = FreshProcess.Start([FreshProcess.CliVerb, .. train]);
        // The first epoch's line says that training is under way.
        while (process.StandardError.ReadLine() is { } line && !line.StartsWith("epoch", StringComparison.Ordinal))
        {
        }
        FreshProcess.Terminate(process, signal);
        var rest = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 130, rest);
        Assert.Contains($"To resume: msvit {string.Join(' ', train)} --resume", rest, StringComparison.Ordinal);
        Assert.True(System.IO.File.Exists(model));
        Assert.True(Directory.Exists(model + ".run"));
    }

    [LinuxFact("signals")]
    public void The_report_of_a_run_that_went_on_after_a_cut_shows_all_of_its_epochs()
    {
        var (model, report) = (File("m.zip"), File("r.html"));
        string[] train = ["train", "--data", "shapes:60", "--epochs", "12", "--validation-fraction", "0", "--output", model, "--report",
            report, .. Tiny];
        using var process = FreshProcess.Start([FreshProcess.CliVerb, .. train]);
        while (process.StandardError.ReadLine() is { } line && !line.StartsWith("epoch   2/", StringComparison.Ordinal))
        {
        }
        FreshProcess.Terminate(process);
        var rest = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 130, rest);

        var (code, _, error) = Cli.Run([.. train, "--resume"]);
        Assert.True(code == 0, error);
        Assert.DoesNotContain("epoch   1/", error, StringComparison.Ordinal);
        var page = System.Xml.Linq.XElement.Parse(System.IO.File.ReadAllText(report)["<!DOCTYPE html>".Length..]);
        var rows = page.Descendants("section").Single(section => section.Attribute("id")?.Value == "curves").Descendants("tbody")
            .Single().Elements("tr");
        Assert.Equal(Enumerable.Range(1, 12).Select(epoch => $"{epoch}"), rows.Select(row => row.Elements("td").First().Value));
        Assert.False(Directory.Exists(model + ".run"));
    }

    [Theory]
    [InlineData("There is no file or folder", "--data", "nowhere")]
    [InlineData("expected shapes, shapes:COUNT or shapes:COUNT:SEED", "--data", "shapes:many")]
    [InlineData("There is no preset 'huge'", "--data", "shapes", "--preset", "huge")]
    [InlineData("holds images, but the network laptop-dvs takes event frames", "--data", "shapes", "--preset", "laptop-dvs")]
    [InlineData("There is no recipe 'cifr'", "--data", "shapes", "--recipe", "cifr")]
    [InlineData("Did you mean Network.TimeSteps", "--data", "shapes", "--set", "TimeStep=2")]
    [InlineData("expected KEY=VALUE", "--data", "shapes", "--set", "TimeSteps")]
    [InlineData("is not a time: expected a number with s, m or h", "--data", "shapes", "--time-budget", "5")]
    [InlineData("MaxEpoch is 0", "--data", "shapes", "--epochs", "0")]
    [InlineData("--epochs few is not understood: expected a whole number.", "--data", "shapes", "--epochs", "few")]
    [InlineData("--validation-fraction half is not understood: expected a number, such as 0.5.", "--data", "shapes",
        "--validation-fraction", "half")]
    [InlineData("is not understood: expected WIDTHxHEIGHT", "--data", "shapes", "--sensor", "128", "--format", "events")]
    [InlineData("There is no model file", "--data", "shapes", "--start-from", "nowhere.zip")]
    [InlineData("Device is 'gpu'", "--data", "shapes", "--device", "gpu")]
    [InlineData("There is no option '--dat'. Did you mean --data", "--dat", "shapes")]
    [InlineData("There is no option '--epcohs'. Did you mean --epochs?", "--data", "shapes", "--epcohs", "5")]
    [InlineData("There is no recipe 'cifr'. Did you mean cifar", "--data", "shapes", "--recipe", "cifr")]
    [InlineData("There is no preset 'tiny32'. Did you mean tiny-32", "--data", "shapes", "--preset", "tiny32")]
    [InlineData("it must be auto, cpu, cuda or cuda:N. Did you mean cuda?", "--data", "shapes", "--device", "gpu")]
    [InlineData("it must be auto, cpu, cuda or cuda:N. Did you mean cpu?", "--data", "shapes", "--device", "cup")]
    [InlineData("Neuron=Plfi: expected one of Lif, Plif, Glif, IntegerLif. Did you mean Plif", "--data", "shapes", "--set", "Neuron=Plfi")]
    [InlineData("There is no file", "--data", "shapes", "--recipe", "mine.json")]
    public void A_wrong_word_gives_one_line_and_code_2(string message, params string[] args)
    {
        var (code, output, error) = Cli.Run(["train", .. args]);
        Assert.Equal(2, code);
        Assert.Empty(output);
        Assert.StartsWith("error: ", error, StringComparison.Ordinal);
        Assert.Contains(message, error, StringComparison.Ordinal);
        Assert.EndsWith("See 'msvit train --help'.\n", error, StringComparison.Ordinal);
        Assert.Equal(1, error.Count(c => c == '\n'));
    }

    [Fact]
    public void A_recipe_file_that_is_none_is_named()
    {
        var recipe = _folder.Write("mine.json", "{ \"BatchSize\": \"many\" }"u8.ToArray());
        var (code, _, error) = Cli.Run("train", "--data", "shapes", "--recipe", recipe);
        Assert.Equal(2, code);
        Assert.Contains($"{recipe}: The recipe is not understood at $.BatchSize", error, StringComparison.Ordinal);
    }

    private string File(string name) => System.IO.Path.Combine(_folder.Path, name);
}
