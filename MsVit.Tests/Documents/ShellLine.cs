using System.CommandLine.Parsing;
using System.Text.RegularExpressions;

namespace MsVit.Tests.Documents;

/// <summary>A line of shell in a document, with its variables filled in.</summary>
/// <param name="Document">Where it stands.</param>
/// <param name="Line">The number of the line, from 1.</param>
/// <param name="Words">The command and its arguments.</param>
internal sealed partial record ShellLine(string Document, int Line, string[] Words)
{
    public const string Language = "sh";

    /// <summary>All lines of all blocks.</summary>
    public static IReadOnlyList<ShellLine> All { get; } =
        [.. Documents.Document.All.SelectMany(document => document.Blocks).Where(block => block.Language == Language).SelectMany(Of)];

    /// <summary>All pieces of code in the prose, most of which are no commands.</summary>
    public static IReadOnlyList<ShellLine> Inline { get; } =
        [.. Documents.Document.All.SelectMany(document => document.Inline.Select(code => Of(document.Name, code.Line, code.Text)))];

    /// <summary>What msvit gets, or null for another program.</summary>
    public string[]? Cli => Words is ["msvit", .. var words] ? words
        // The launchers of MPI and their options stand before it.
        : Words is ["mpirun" or "mpiexec", .. var launched] && Array.IndexOf(launched, "msvit") is >= 0 and var at ? launched[(at + 1)..]
        : Run("MsVit.Trainer");

    /// <summary>What the samples get, or null for another program.</summary>
    public string[]? Sample => Run("MsVit.Samples");

    public override string ToString() => $"{Document}:{Line}: {string.Join(' ', Words)}";

    /// <summary>A command without a block around it.</summary>
    public static ShellLine Of(string document, int line, string text) =>
        new(document, line, [.. CommandLineParser.SplitCommandLine(Comment().Replace(text, ""))]);

    private static List<ShellLine> Of(CodeBlock block)
    {
        var variables = new Dictionary<string, string>();
        var lines = new List<ShellLine>();
        foreach (var (i, raw) in block.Lines.Index())
        {
            var text = Variable().Replace(raw.Trim(), name => variables.GetValueOrDefault(name.Groups[1].Value, name.Value));
            if (Loop().Match(text) is { Success: true } loop)
            {
                variables[loop.Groups[1].Value] = loop.Groups[2].Value;
            }
            else if (Assignment().Match(text) is { Success: true } assignment)
            {
                variables[assignment.Groups[1].Value] = assignment.Groups[2].Value;
            }
            else if (text is not ("" or "done"))
            {
                // One line may hold several commands.
                lines.AddRange(text.Split(" && ").Select(command => Of(block.Document, block.Line + i, command)));
            }
        }
        return lines;
    }

    // dotnet run --project PROJECT [dotnet's options] [-- WORDS]
    private string[]? Run(string project) => Words is ["dotnet", "run", "--project", var named, ..] && named == project
        ? [.. Words.SkipWhile(word => word != "--").Skip(1)]
        : null;

    [GeneratedRegex(@"(^|\s+)#\s.*$")]
    private static partial Regex Comment();

    [GeneratedRegex(@"\$(\w+)")]
    private static partial Regex Variable();

    [GeneratedRegex(@"^for (\w+) in (\S+).*; do$")]
    private static partial Regex Loop();

    [GeneratedRegex(@"^(\w+)=""([^""]*)""$")]
    private static partial Regex Assignment();
}
