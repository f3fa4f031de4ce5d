using System.Collections.Frozen;
using System.IO.Enumeration;

namespace MsVit.MLNet;

/// <summary>Files and folders that operating systems and tools leave behind; they are never data.</summary>
internal static class SystemClutter
{
    private static readonly FrozenSet<string> Names = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase,
        // macOS archives, Windows, Synology, QNAP, Unix, Python.
        "__MACOSX", "Icon\r", "Network Trash Folder", "Temporary Items",
        "Thumbs.db", "ehthumbs.db", "ehthumbs_vista.db", "desktop.ini", "$RECYCLE.BIN", "RECYCLER", "System Volume Information",
        "@eaDir", "#recycle", "#snapshot", "@tmp", "@Recycle", "@Recently-Snapshot",
        "lost+found", "__pycache__");

    /// <summary>Whether an entry is hidden, by its attribute or a leading dot, or has the name of clutter.</summary>
    public static bool Is(ref FileSystemEntry entry) =>
        entry.FileName[0] == '.' || entry.FileName.StartsWith("~$") || IsNamed(entry.FileName) || entry.IsHidden;

    /// <summary>Whether a name is that of clutter or starts with a dot.</summary>
    public static bool Is(string name) => name.StartsWith('.') || name.StartsWith("~$", StringComparison.Ordinal) || IsNamed(name);

    private static bool IsNamed(ReadOnlySpan<char> name) => Names.GetAlternateLookup<ReadOnlySpan<char>>().Contains(name);
}
