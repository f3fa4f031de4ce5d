using System.Globalization;
using System.Text.RegularExpressions;
using MsVit.Tests.Distributed;
using MsVit.Tests.Support;

namespace MsVit.Tests.Trainer.Ranks;

/// <summary>Commands that several processes run together.</summary>
[Collection(MpiJobs.Name)]
[Trait(LongTests.Trait, LongTests.Long)]
public sealed partial class RankedCommandTests : IDisposable
{
    private static readonly string[] Tiny = ["--preset", "tiny-32", "--set", "EmbedDim=32", "--set", "TimeSteps=1", "--set", "Depths=1,1",
        "--device", "cpu"];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [Mpi(MpiAttribute.Open)]
    [Mpi(MpiAttribute.Mpich)]
    public void Two_ranks_train_evaluate_and_save_as_one_process_does_and_rank_0_alone_speaks(string mpi)
    {
        string[] train = ["train", "--data", "shapes:96:1", "--test", "shapes:33:2", "--epochs", "2", .. Tiny];
        var alone = Alone([.. train, "--set", "MicroBatchSize=16", "--output", File("one.zip")]);
        Assert.True(alone.Code == 0, alone.Error);

        var two = Launch(mpi, [.. train, "--output", File("two.zip"), "--report", File("two.html")]);
        Assert.True(two.Code == 0, two.Error);
        Assert.Equal(alone.Output, two.Output);
        Assert.Equal(Pace().Replace(alone.Error, "").Split('\n').Where(IsEpoch), Pace().Replace(two.Error, "").Split('\n').Where(IsEpoch));
        Assert.StartsWith("2 ranks on 1 host (", two.Error, StringComparison.Ordinal);
        Assert.Contains("), on the CPU: 16 of the 32 samples of a step each.\n", two.Error, StringComparison.Ordinal);
        foreach (var once in (string[])["2 ranks", "Training tiny-32", "warning: The best epoch", "Saved "])
        {
            Assert.Single(two.Error.Split('\n'), line => line.StartsWith(once, StringComparison.Ordinal));
        }
        Assert.Equal(["one.zip", "two.html", "two.zip"], Files());

        // The model of two ranks, scored by one and by three.
        string[] evaluate = ["evaluate", "--model", File("two.zip"), "--data", "shapes:34:3"];
        var scored = Alone(evaluate);
        var shared = Launch(mpi, evaluate, ranks: 3);
        Assert.Equal((0, scored.Output, scored.Error), shared);
    }

    [Theory]
    [Mpi(MpiAttribute.Mpich)]
    public void Ranks_predict_in_order_and_name_what_cannot_be_read(string mpi)
    {
        var model = File("m.zip");
        Assert.Equal(0, Alone(["train", "--data", "shapes:40:1", "--epochs", "1", "--output", model, .. Tiny]).Code);
        string[] files = [.. Enumerable.Range(0, 70).Select(i => SampleImage(i))];
        _folder.Write("images/broken.png", [1, 2, 3]);
        string[] predict = ["predict", "--model", model, .. files, File("images/broken.png"), File("images/none.png"), "--top", "2"];
        var alone = Alone(predict);
        Assert.Equal(1, alone.Code);
        Assert.Equal(70, alone.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        var shared = Launch(mpi, predict);
        Assert.Equal((1, alone.Output), (shared.Code, shared.Output));
        Assert.StartsWith(alone.Error, shared.Error, StringComparison.Ordinal);
    }

    [Theory]
    [Mpi(MpiAttribute.Open)]
    [Mpi(MpiAttribute.Mpich)]
    public void Ranks_share_the_work_of_an_ONNX_model_too(string mpi)
    {
        var model = File("m.zip");
        Assert.Equal(0, Alone(["train", "--data", "shapes:40:1", "--epochs", "1", "--output", model, .. Tiny]).Code);
        Assert.Equal(0, Alone(["export", "--model", model, "--output", File("m.onnx")]).Code);
        string[] evaluate = ["evaluate", "--model", File("m.onnx"), "--data", "shapes:34:3"];
        var evaluated = Alone(evaluate);
        Assert.True(evaluated.Code == 0, evaluated.Error);
        Assert.Equal((0, evaluated.Output, evaluated.Error), Launch(mpi, evaluate, ranks: 3));

        string[] predict = ["predict", "--model", File("m.onnx"), .. Enumerable.Range(0, 70).Select(i => SampleImage(i))];
        var predicted = Alone(predict);
        Assert.Equal(70, predicted.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Equal((0, predicted.Output, predicted.Error), Launch(mpi, predict));
    }

    [Theory]
    [Mpi(MpiAttribute.Open)]
    [Mpi(MpiAttribute.Mpich)]
    public void A_rank_that_fails_alone_is_named_and_ends_the_job(string mpi)
    {
        _folder.Write("with/recipe.json", System.Text.Encoding.UTF8.GetBytes("""{ "MaxEpoch": 400 }"""));
        Directory.CreateDirectory(File("without"));
        string[] train = ["train", "--data", "shapes:96", "--recipe", "recipe.json", "--output", File("m.zip"), .. Tiny];
        string[] words =
            ["-np", "1", "-wdir", File("with"), .. Program(train), ":", "-np", "1", "-wdir", File("without"), .. Program(train)];
        var (code, _, error) = Run(MpiJob.Launcher(mpi), words);
        Assert.NotEqual(0, code);
        Assert.Single(error.Split('\n'), line => line.Contains("error: ", StringComparison.Ordinal));
        Assert.Contains("rank 1 on ", error, StringComparison.Ordinal);
        Assert.Contains("recipe.json", error, StringComparison.Ordinal);
        Assert.Contains("See 'msvit train --help'.", error, StringComparison.Ordinal);
    }

    [Theory]
    [Mpi(MpiAttribute.Open)]
    [Mpi(MpiAttribute.Mpich)]
    public void What_all_ranks_refuse_is_said_once(string mpi)
    {
        var (code, output, error) = Launch(mpi, ["train", "--data", File("none")]);
        Assert.Equal((2, ""), (code, output));
        Assert.Single(error.Split('\n'), line => line.Contains("error: ", StringComparison.Ordinal));
        Assert.StartsWith($"error: There is no file or folder {File("none")}", error, StringComparison.Ordinal);
    }

    [Theory]
    [Mpi(MpiAttribute.Open)]
    public async Task Ranks_that_msvit_starts_save_when_it_is_told_to_end_and_one_process_resumes(string mpi)
    {
        Assert.Equal(MpiAttribute.Open, mpi);
        var model = File("m.zip");
        string[] train = ["train", "--data", "shapes:96", "--epochs", "40", "--output", model, .. Tiny];
        using (var process = FreshProcess.Start([FreshProcess.CliVerb, .. train, "--ranks", "2"]))
        {
            var output = process.StandardOutput.ReadToEndAsync();
            var lines = new List<string>();
            while (await process.StandardError.ReadLineAsync() is { } line)
            {
                lines.Add(line);
                if (line.StartsWith("epoch   1/", StringComparison.Ordinal))
                {
                    FreshProcess.Terminate(process);
                }
            }
            await process.WaitForExitAsync();
            Assert.Equal("", await output);
            Assert.True(process.ExitCode == 130, string.Join('\n', lines));
            Assert.Single(lines, line => line.StartsWith("Stopping after this step", StringComparison.Ordinal));
            Assert.Contains(lines, line => line.Contains("To resume: msvit train ", StringComparison.Ordinal)
                && line.EndsWith(" --ranks 2 --resume", StringComparison.Ordinal));
        }
        Assert.True(System.IO.File.Exists(model));
        var (code, _, error) = Alone([.. train, "--resume"]);
        Assert.True(code == 0, error);
    }

    private string File(string name) => Path.Combine(_folder.Path, name);

    private string[] Files() => [.. Directory.EnumerateFileSystemEntries(_folder.Path).Select(path => Path.GetFileName(path)).Order()];

    private string SampleImage(int i)
    {
        var pixels = new byte[32 * 32 * 3];
        Array.Fill(pixels, (byte)(i * 3));
        pixels[i] = 255;
        return _folder.Write($"images/{i:00}.png", PngWriter.Write(32, 32, colorType: 2, bitDepth: 8, pixels));
    }

    private static string[] Program(string[] words) =>
        ["dotnet", typeof(FreshProcess).Assembly.Location, FreshProcess.CliVerb, .. words];

    private static (int Code, string Output, string Error) Alone(string[] words) => Run("dotnet", Program(words)[1..]);

    private static (int Code, string Output, string Error) Launch(string mpi, string[] words, int ranks = 2)
    {
        var launcher = MpiJob.OnThisHost(mpi);
        return Run(launcher.FileName,
            [.. launcher.ArgumentList, .. mpi == MpiAttribute.Open ? (string[])["--quiet"] : [], "-np",
                ranks.ToString(CultureInfo.InvariantCulture), .. Program(words)]);
    }

    private static (int Code, string Output, string Error) Run(string program, string[] words)
    {
        using var process = RunningMpiJob.Start(new(program, words));
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        Assert.True(process.WaitForExit(TimeSpan.FromMinutes(3)), "The job does not end.");
        return (process.ExitCode, output.Result.Replace("\r", "", StringComparison.Ordinal), error.Result);
    }

    private static bool IsEpoch(string line) => line.StartsWith("epoch ", StringComparison.Ordinal);

    [GeneratedRegex(@"  \d+ samples/s, .*")]
    private static partial Regex Pace();
}
