using System.Text.RegularExpressions;
using MsVit.Tests.Support;

namespace MsVit.Tests.Documents;

/// <summary>A page of the documentation, taken apart into prose and fenced blocks.</summary>
internal sealed partial class Document
{
    private readonly string[] _prose;

    private Document(string name)
    {
        Name = name;
        var lines = File.ReadAllLines(RepositoryRoot.File(name));
        _prose = [.. lines];
        var blocks = new List<CodeBlock>();
        var opened = -1;
        foreach (var (i, line) in lines.Index())
        {
            var fence = line.StartsWith("```", StringComparison.Ordinal);
            if (fence || opened >= 0)
            {
                _prose[i] = "";
            }
            if (fence && opened < 0)
            {
                opened = i;
            }
            else if (fence)
            {
                blocks.Add(new(Name, lines[opened][3..].Trim(), opened + 2, lines[(opened + 1)..i]));
                opened = -1;
            }
        }
        Assert.True(opened < 0, $"{Name}:{opened + 1}: the block is not closed.");
        Blocks = blocks;
    }

    /// <summary>The README, the changelog and every guide.</summary>
    public static IReadOnlyList<Document> All { get; } =
    [
        new("README.md"),
        new("CHANGELOG.md"),
        .. Directory.GetFiles(RepositoryRoot.File("docs"), "*.md").Order(StringComparer.Ordinal)
            .Select(path => new Document($"docs/{Path.GetFileName(path)}")),
    ];

    /// <summary>The path from the repository's root, with slashes.</summary>
    public string Name { get; }

    public IReadOnlyList<CodeBlock> Blocks { get; }

    /// <summary>The texts of all headings.</summary>
    public IEnumerable<string> Headings => _prose.Where(line => line.StartsWith('#')).Select(line => line.TrimStart('#').Trim());

    /// <summary>Targets of links and images, with their line numbers.</summary>
    public IEnumerable<(int Line, string Target)> Links => Found(Link());

    /// <summary>Pieces of code inside the prose, with their line numbers.</summary>
    public IEnumerable<(int Line, string Text)> Inline => Found(Code());

    /// <summary>The document of a path such as docs/cli.md.</summary>
    public static Document Named(string name) => All.Single(document => document.Name == name);

    private IEnumerable<(int Line, string Text)> Found(Regex pattern) =>
        _prose.Index().SelectMany(line => pattern.Matches(line.Item).Select(match => (line.Index + 1, match.Groups[1].Value)));

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Code();
}

/// <summary>A fenced block.</summary>
/// <param name="Document">Where it stands.</param>
/// <param name="Language">What the fence says.</param>
/// <param name="Line">The number of its first line, from 1.</param>
/// <param name="Lines">Without the fences.</param>
internal sealed record CodeBlock(string Document, string Language, int Line, IReadOnlyList<string> Lines);
