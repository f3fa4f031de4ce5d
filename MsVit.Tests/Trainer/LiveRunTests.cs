using System.Diagnostics;
using System.Globalization;
using MsVit.MLNet;
using MsVit.Tests.Support;

namespace MsVit.Tests.Trainer;

/// <summary>What other commands may do to a run that is alive, and to one that was killed.</summary>
[Trait(LongTests.Trait, LongTests.Long)]
public sealed class LiveRunTests : IDisposable
{
    private static readonly string[] Tiny = ["--preset", "tiny-32", "--set", "EmbedDim=32", "--set", "TimeSteps=1", "--set", "Depths=1,1",
        "--device", "cpu"];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [LinuxFact("kill")]
    public void A_live_run_is_neither_restarted_nor_resumed_nor_written_over_and_a_killed_one_is_both()
    {
        var model = Path.Combine(_folder.Path, "m.zip");
        string[] train = ["train", "--data", "shapes:60", "--epochs", "400", "--validation-fraction", "0", "--output", model, .. Tiny];
        using (var process = Started([.. train]))
        {
            var before = Contents(model + ".run");
            foreach (var words in new string[][] { [], ["--restart"], ["--resume"], ["--restart", "--force"] })
            {
                var (code, _, error) = Cli.Run([.. train, .. words]);
                Assert.Equal(1, code);
                Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"is in use by process {process.Id} on "), error,
                    StringComparison.Ordinal);
                Assert.DoesNotContain("--restart", error, StringComparison.Ordinal);
            }
            // Another checkpoint folder, but the same model.
            var other = Path.Combine(_folder.Path, "elsewhere");
            Assert.Contains("is in use by process", Cli.Run([.. train, "--checkpoint", other]).Error, StringComparison.Ordinal);
            Assert.False(Directory.Exists(other));
            // Another model, but the same checkpoint folder.
            var second = Cli.Run(["train", "--data", "shapes:60", "--epochs", "1", "--output", Path.Combine(_folder.Path, "n.zip"),
                "--checkpoint", model + ".run", "--restart", .. Tiny]);
            Assert.Contains("is in use by process", second.Error, StringComparison.Ordinal);
            Assert.False(process.HasExited);
            Assert.Subset(Contents(model + ".run").ToHashSet(), before.Where(name => name!.EndsWith(".lock", StringComparison.Ordinal))
                .ToHashSet());
            process.Kill();
            process.WaitForExit();
        }
        // Its locks ended with it.
        var refused = Cli.Run(train);
        Assert.Equal(2, refused.Code);
        Assert.Contains("add --resume to resume it, or --restart to start over", refused.Error, StringComparison.Ordinal);
        string[] brief = [.. train.Select(word => word == "400" ? "1" : word)];
        var restarted = Cli.Run([.. brief, "--restart"]);
        Assert.True(restarted.Code == 0, restarted.Error);
        Assert.False(Directory.Exists(model + ".run"));
    }

    [Fact]
    public void A_folder_in_which_a_program_of_the_library_trains_is_refused_too()
    {
        var model = Path.Combine(_folder.Path, "m.zip");
        using var held = new CheckpointFolder(model + ".run");
        _folder.Write("m.zip.run/step-000000000001.json", []);
        var (code, _, error) = Cli.Run(["train", "--data", "shapes:40", "--epochs", "1", "--output", model, "--restart", .. Tiny]);
        Assert.Equal(1, code);
        Assert.Contains("a run is alive there, and nothing was changed", error, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(model + ".run", "step-000000000001.json")));
    }

    [Fact]
    public void A_folder_that_another_command_fills_or_splits_is_refused()
    {
        var folder = Path.Combine(_folder.Path, "events");
        using (FolderLock.Take(folder, "simulate"))
        {
            Assert.Contains("is in use by process", Cli.Run("data", "simulate", folder, "--count", "10").Error, StringComparison.Ordinal);
        }
        Assert.Equal(0, Cli.Run("data", "simulate", folder, "--count", "20").Code);
        Assert.Empty(Directory.EnumerateFiles(folder));
        var lists = Path.Combine(_folder.Path, "lists");
        using (FolderLock.Take(lists, "prepare"))
        {
            Assert.Contains("is in use by process", Cli.Run("data", "prepare", folder, "--output", lists).Error, StringComparison.Ordinal);
        }
        Assert.Equal(0, Cli.Run("data", "prepare", folder, "--output", lists).Code);
    }

    private static Process Started(string[] train)
    {
        var process = FreshProcess.Start([FreshProcess.CliVerb, .. train]);
        while (process.StandardError.ReadLine() is { } line && !line.StartsWith("epoch", StringComparison.Ordinal))
        {
        }
        _ = process.StandardError.ReadToEndAsync();
        return process;
    }

    private static string?[] Contents(string folder) => [.. Directory.EnumerateFiles(folder).Select(Path.GetFileName)];
}
