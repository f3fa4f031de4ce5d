using System.IO.Enumeration;

namespace MsVit.MLNet;

/// <summary>The visible files and folders of a folder, in ordinal order.</summary>
/// <param name="Folders">The full paths of the folders. Links count if they lead to a folder.</param>
/// <param name="Files">The full paths of everything else, broken links included.</param>
internal sealed record FolderEntries(string[] Folders, string[] Files)
{
    // Nothing is skipped here: an unreadable folder must be an error, and hidden entries are told apart by name too.
    private static readonly EnumerationOptions Everything = new() { IgnoreInaccessible = false, AttributesToSkip = FileAttributes.None };

    /// <summary>Lists a folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="followLinks">Whether links to folders count as folders. If not, they are left out, so that loops of links end.</param>
    public static FolderEntries Of(string folder, bool followLinks)
    {
        var entries = new FileSystemEnumerable<(string Path, bool IsFolder)>(
            folder, (ref entry) => (entry.ToSpecifiedFullPath(), entry.IsDirectory), Everything)
        {
            ShouldIncludePredicate = (ref entry) => !SystemClutter.Is(ref entry),
        };
        List<string> folders = [], files = [];
        foreach (var (path, isFolder) in entries)
        {
            if (!isFolder)
            {
                files.Add(path);
            }
            else if (followLinks || !File.GetAttributes(path).HasFlag(FileAttributes.ReparsePoint))
            {
                folders.Add(path);
            }
        }
        folders.Sort(StringComparer.Ordinal);
        files.Sort(StringComparer.Ordinal);
        return new([.. folders], [.. files]);
    }

    /// <summary>The files of a folder and, if wanted, of the folders below it: first those of a folder, then those further down.</summary>
    public static IEnumerable<string> FilesBelow(string folder, bool recurse)
    {
        var entries = Of(folder, followLinks: false);
        return recurse ? entries.Files.Concat(entries.Folders.SelectMany(deeper => FilesBelow(deeper, recurse))) : entries.Files;
    }
}
