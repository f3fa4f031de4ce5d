using MsVit.Tests.Support;

namespace MsVit.Tests.Trainer;

/// <summary>The help of every verb, kept in Help.approved.txt.</summary>
public sealed class HelpTests
{
    private static readonly string[] Verbs = ["", .. Below("", MsVit.Trainer.CommandLine.Root())];

    [Fact]
    public void The_help_is_the_approved_one()
    {
        var help = string.Concat(Verbs.Select(verb => $"$ msvit {verb} "
            + $"--help\n{Cli.Run([.. verb.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--help"]).Output.ReplaceLineEndings("\n").Trim()}\n\n"))
            // The program's name is that of the process, which is another one here.
            .Replace(System.Diagnostics.Process.GetCurrentProcess().ProcessName, "msvit", StringComparison.Ordinal)
            .Replace(System.IO.Path.GetFileNameWithoutExtension(Environment.GetCommandLineArgs()[0]), "msvit", StringComparison.Ordinal);
        var folder = RepositoryRoot.File("MsVit.Tests", "Trainer");
        var approved = Path.Combine(folder, "Help.approved.txt");
        if (!File.Exists(approved) || File.ReadAllText(approved).ReplaceLineEndings("\n") != help)
        {
            File.WriteAllText(Path.Combine(folder, "Help.received.txt"), help);
            Assert.Fail("The help has changed. Compare Help.received.txt with MsVit.Tests/Trainer/Help.approved.txt, and replace it if "
                + "the change is meant.");
        }
    }

    [Fact]
    public void Every_example_names_a_verb_and_options_that_there_are()
    {
        var examples = Verbs.Where(verb => verb.Length > 0).SelectMany(
            verb => Cli.Run([.. verb.Split(' '), "--help"]).Output.Split('\n').SkipWhile(line => line.Trim() != "Examples:").Skip(1))
            .Where(line => line.TrimStart().StartsWith("msvit ", StringComparison.Ordinal)).ToArray();
        Assert.True(examples.Length > 15);
        Assert.All(examples, example =>
        {
            var words = System.CommandLine.Parsing.CommandLineParser.SplitCommandLine(example.Trim()).Skip(1)
                .TakeWhile(word => word[0] is not ('(' or '>')).ToArray();
            Assert.Empty(MsVit.Trainer.CommandLine.Root().Parse(words).Errors);
        });
    }

    private static IEnumerable<string> Below(string path, System.CommandLine.Command command) =>
        command.Subcommands.SelectMany(verb => Below($"{path} {verb.Name}".Trim(), verb).Prepend($"{path} {verb.Name}".Trim()));
}
