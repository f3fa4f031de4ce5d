using System.Text.RegularExpressions;
using MsVit.Tests.Support;

namespace MsVit.Tests.Layering;

/// <summary>Which folder of the library's sources each type is declared in: namespaces are coarser than folders.</summary>
internal sealed partial class SourceFolders
{
    private const string Library = "MsVit.MLNet";

    private readonly Dictionary<string, string> _folders = new(StringComparer.Ordinal);

    public SourceFolders()
    {
        var root = RepositoryRoot.File(Library);
        foreach (var file in Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories))
        {
            var folder = Path.GetRelativePath(root, Path.GetDirectoryName(file)!).Replace('\\', '/');
            foreach (Match declared in Declaration().Matches(File.ReadAllText(file)))
            {
                var name = declared.Groups["name"].Value;
                if (!_folders.TryAdd(name, folder == "." ? "" : folder) && _folders[name] != folder)
                {
                    throw new InvalidOperationException($"{name} is declared in {_folders[name]} and in {folder}; the layering tests "
                        + $"need unique names.");
                }
            }
        }
    }

    /// <summary>The folder of a top-level type, relative to the library with forward slashes ("" for its root); null for a type without
    /// a source file.</summary>
    /// <param name="name">As compiled, perhaps with the number of its type parameters: <c>Range`1</c>.</param>
    public string? Of(string name) => _folders.GetValueOrDefault(name.Split('`')[0]);

    [GeneratedRegex(
        @"^(?:(?:public|internal|sealed|static|abstract|readonly|unsafe|ref|file|partial) )*"
        + @"(?:(?:class|record struct|record class|record|struct|interface|enum) |delegate \S+ )(?<name>\w+)",
        RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex Declaration();
}
