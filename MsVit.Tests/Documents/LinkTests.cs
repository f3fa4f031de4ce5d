using System.Text.RegularExpressions;
using MsVit.Tests.Support;

namespace MsVit.Tests.Documents;

/// <summary>Links, images and paths in the documents lead somewhere.</summary>
public sealed partial class LinkTests
{
    [Fact]
    public void Every_link_and_image_leads_to_a_file_or_a_heading_of_the_repository()
    {
        Assert.Contains(Document.All, document => document.Links.Any());
        None(
            from document in Document.All
            from link in document.Links
            where !Leads(document, link.Target)
            select $"{document.Name}:{link.Line}: {link.Target}");
    }

    [Fact]
    public void Every_path_in_the_prose_that_begins_with_a_project_exists()
    {
        Assert.Contains(Document.All, document => document.Inline.Any(code => SourcePath().IsMatch(code.Text)));
        None(
            from document in Document.All
            from code in document.Inline
            where SourcePath().IsMatch(code.Text) && !Path.Exists(RepositoryRoot.File(code.Text))
            select $"{document.Name}:{code.Line}: {code.Text}");
    }

    [Fact]
    public void The_index_lists_every_guide()
    {
        var listed = Document.Named("docs/README.md").Links.Select(link => $"docs/{link.Target}");
        None(Document.All.Select(document => document.Name).Except(["README.md", "CHANGELOG.md", "docs/README.md"]).Except(listed));
    }

    private static void None(IEnumerable<string> wrong) => Assert.True(!wrong.Any(), string.Join('\n', wrong));

    private static bool Leads(Document document, string target)
    {
        if (target.StartsWith("https://", StringComparison.Ordinal))
        {
            return true;
        }
        var (file, anchor) = target.Split('#') is [var before, var after] ? (before, after) : (target, "");
        var folder = Path.GetDirectoryName(document.Name)!;
        var path = RepositoryRoot.File(folder, file);
        var page = file.Length == 0 ? document : Document.All.FirstOrDefault(other => RepositoryRoot.File(other.Name) == path);
        return file.Length == 0 || Path.Exists(path)
            ? anchor.Length == 0 || (page is not null && page.Headings.Select(Anchor).Contains(anchor))
            : false;
    }

    // As GitHub makes it of a heading.
    private static string Anchor(string heading) => NotInAnchors().Replace(heading.ToLowerInvariant(), "").Replace(' ', '-');

    [GeneratedRegex(@"^MsVit\.\w+/[\w./-]+$")]
    private static partial Regex SourcePath();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex NotInAnchors();
}
