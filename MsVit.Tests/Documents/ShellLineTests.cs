using System.CommandLine;
using MsVit.Samples;
using MsVit.Tests.Support;
using MsVit.Tests.Trainer;
using MsVit.Trainer;

namespace MsVit.Tests.Documents;

/// <summary>Every command of the documents has verbs, options and names that there are; the cheap ones run.</summary>
public sealed class ShellLineTests : IDisposable
{
    private static readonly string[] OtherPrograms = ["cd", "curl", "find", "source"];
    private static readonly string[] DotnetVerbs = ["add", "new", "nuget", "pack", "publish", "run", "test", "tool"];

    // Stands for any verb in the prose.
    private const string Placeholder = "VERB";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Every_line_is_of_a_known_program()
    {
        None(ShellLine.All.Where(line => line.Cli is null && line.Sample is null && !IsOther(line.Words)));

        static bool IsOther(string[] words) => OtherPrograms.Contains(words[0]) || (words[0] == "dotnet" && DotnetVerbs.Contains(words[1]));
    }

    [Fact]
    public void Every_project_is_one_of_the_repository() => None(
        from line in ShellLine.All
        where line.Words is ["dotnet", "run" or "pack" or "publish" or "test", ..]
        from word in line.Words
        where word.StartsWith("MsVit.", StringComparison.Ordinal) && !File.Exists(RepositoryRoot.File(word, $"{word}.csproj"))
        select $"{line}: {word}");

    [Fact]
    public void Every_line_of_msvit_is_understood()
    {
        var lines = ShellLine.All.Where(line => line.Cli is not null).ToArray();
        Assert.NotEmpty(lines);
        None(lines.SelectMany(line => Faults(line, line.Cli!, CommandLine.Root(), whole: true)));
    }

    [Fact]
    public void Every_line_of_the_samples_is_understood()
    {
        var lines = ShellLine.All.Where(line => line.Sample is { Length: > 0 }).ToArray();
        Assert.NotEmpty(lines);
        None(lines.SelectMany(line => Faults(line, line.Sample!, RootCommandLine.Root(), whole: true)));
    }

    // In prose a command may be cut short: `msvit train --set`.
    [Fact]
    public void Every_command_in_the_prose_has_verbs_and_options_that_there_are()
    {
        var (cli, samples) = (ShellLine.Inline.Where(line => line.Cli is not null).ToArray(),
            ShellLine.Inline.Where(line => line.Sample is not null).ToArray());
        Assert.NotEmpty(cli);
        Assert.NotEmpty(samples);
        None(cli.SelectMany(line => Faults(line, line.Cli!, CommandLine.Root(), whole: false)));
        None(samples.SelectMany(line => Faults(line, line.Sample!, RootCommandLine.Root(), whole: false)));
    }

    [Fact]
    public void The_first_session_of_the_command_line_runs_with_fewer_images()
    {
        var session = ShellLine.All.Where(line => line.Document == "docs/cli.md" && line.Cli is not null
            && line.Cli.Any(word => word.StartsWith("shapes", StringComparison.Ordinal))).ToArray();
        Assert.Equal(["train", "evaluate", "analyze"], session.Select(line => line.Cli![0]));
        foreach (var line in session)
        {
            var (code, _, error) = Cli.Run([.. line.Cli!.Select(Smaller)]);
            Assert.True(code == 0, $"{line}\n{error}");
        }
    }

    [Theory]
    [InlineData("info")]
    [InlineData("presets")]
    [InlineData("presets", "--energy")]
    public void A_line_that_only_tells_runs(params string[] words)
    {
        Assert.Contains(ShellLine.All.Concat(ShellLine.Inline), line => line.Cli is { } cli && cli.SequenceEqual(words));
        var (code, output, error) = Cli.Run(words);
        Assert.True(code == 0, error);
        Assert.NotEmpty(output);
    }

    private static IEnumerable<string> Faults(ShellLine line, string[] words, RootCommand root, bool whole)
    {
        var parsed = root.Parse(words);
        var faults = whole
            ? parsed.Errors.Select(error => error.Message)
            : parsed.UnmatchedTokens.Where(word => word is not (Placeholder or "...")).Select(word => $"'{word}' is not understood.");
        return faults.Concat(CommandNames.Faults(words)).Select(fault => $"{line}\n  {fault}");
    }

    private static void None(IEnumerable<object> wrong) => Assert.True(!wrong.Any(), string.Join('\n', wrong));

    private string Smaller(string word) =>
        word.StartsWith("shapes:", StringComparison.Ordinal) ? "shapes:40"
        : word.EndsWith(".zip", StringComparison.Ordinal) ? Path.Combine(_folder.Path, word)
        : word == "5" ? "1"
        : word;
}
