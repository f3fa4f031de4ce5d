using MsVit.Tests.Layering;
using MsVit.Tests.Support;

namespace MsVit.Tests.Documents;

/// <summary>The map of the library has the arrows that the layering test allows.</summary>
public sealed class ArchitecturePageTests
{
    private const string Root = "root";

    [Fact]
    public void The_table_of_folders_is_the_one_of_the_layering_test()
    {
        var allowed = LayeringTests.Allowed.Select(row => Row(row.Key, row.Value)).Order(StringComparer.Ordinal);
        Assert.Equal(string.Join('\n', allowed), string.Join('\n', Written().Order(StringComparer.Ordinal)));
    }

    private static string Row(string folder, IEnumerable<string> uses) =>
        $"{Named(folder)}: {string.Join(", ", uses.Select(Named).Order(StringComparer.Ordinal))}";

    private static string Named(string folder) => folder.Length == 0 ? Root : folder;

    // | `Kernels/` | what it holds | Platform |
    private static IEnumerable<string> Written() =>
        from line in File.ReadLines(RepositoryRoot.File("docs", "architecture.md"))
        let cells = line.Split('|', StringSplitOptions.TrimEntries)
        where cells.Length == 5 && (cells[1] == Root || cells[1].EndsWith("/`", StringComparison.Ordinal))
        select Row(cells[1].Trim('`').TrimEnd('/'), cells[3].StartsWith("nothing", StringComparison.Ordinal) ? [] : cells[3].Split(", "));
}
