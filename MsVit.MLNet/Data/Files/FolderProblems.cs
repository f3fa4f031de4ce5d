using System.Text;

namespace MsVit.MLNet;

/// <summary>What is wrong with the classes of a folder.</summary>
internal static class FolderProblems
{
    private const int FilesShown = 3;

    /// <summary>The problems of a part.</summary>
    public static IReadOnlyList<DataProblem> Of(ScannedPart part, FolderScan scan) =>
    [
        .. new[] { Classes(part, scan), SimilarClasses(part) }.OfType<DataProblem>()
            .Select(problem => problem with { Part = part.Part.Folder }),
    ];

    /// <summary>Counts files by ending and reason: "4 .txt (text)".</summary>
    public static string ByEnding(IEnumerable<ScannedFile> files) => string.Join(", ", files
        .CountBy(file => (Ending: Ending(file), Reason: FileRoles.Reason(file)))
        .OrderByDescending(count => count.Value).ThenBy(count => count.Key.Ending, StringComparer.Ordinal)
        .ThenBy(count => count.Key.Reason, StringComparer.Ordinal)
        .Select(count => $"{count.Value} {count.Key.Ending} ({count.Key.Reason})"));

    /// <summary>The ending of a file, or "without an ending".</summary>
    public static string Ending(ScannedFile file) => file.Extension.Length > 0 ? file.Extension : "without an ending";

    private static DataProblem? Classes(ScannedPart part, FolderScan scan)
    {
        var (folder, kind) = (part.Part.Folder, scan.Kind);
        if (scan.Problems.Any(problem => problem.Kind == DataProblemKind.UnclearKind))
        {
            return null;
        }
        if (Nested(part, scan) is { } nested)
        {
            return nested;
        }
        if (Loose(part, kind) is { } loose)
        {
            return loose;
        }
        var loaded = part.Loaded.CountBy(file => file.Label).ToDictionary();
        var names = part.Part.Classes.Select(path => Path.GetFileName(path)).ToArray();
        var empty = names.Where(name => !loaded.ContainsKey(name)).ToArray();
        if (names.Length == 0 || kind is null || loaded.Count == 0)
        {
            return DataProblem.Fatal(DataProblemKind.NoData,
                $"{folder} has {Counted.Of(names.Length, "class folder")} and holds no {Noun(kind)}"
                + (part.Files.Count + part.Loose.Count == 0 ? "" : $"; it holds {ByEnding(part.Files.Concat(part.Loose))}")
                + $". {FolderTree.Expected(folder)}", Hint(part, scan));
        }
        if (names.Length == 1)
        {
            return DataProblem.Fatal(DataProblemKind.OneClass,
                $"{folder} has 1 class folder ({names[0]}); classification needs at least 2. " + FolderTree.Expected(folder));
        }
        if (empty.Length > 0 && !scan.Settings.IsForced)
        {
            var found = part.Files.Where(file => file.Label == empty[0]).ToArray();
            return DataProblem.Fatal(DataProblemKind.EmptyClass, $"The class folder {Path.Combine(folder, empty[0])} holds no {Noun(kind)}"
                + (found.Length == 0 ? "." : $"; it holds {ByEnding(found)}.")
                + (empty.Length > 1 ? $" Nor do {empty.Length - 1} others." : ""), "Fill or remove it." + Hint(part, scan));
        }
        return loaded.Count >= 2 ? null : DataProblem.Fatal(DataProblemKind.OneClass,
            $"{folder} has 1 class with {Noun(kind)} ({loaded.Keys.First()}); classification needs at least 2. "
            + FolderTree.Expected(folder), "");
    }

    private static DataProblem? Loose(ScannedPart part, SampleKind? kind)
    {
        var loose = part.Loose.Where(file => file.Content.Kind is ContentKind.Image or ContentKind.OtherImage or ContentKind.Recording
            ? (file.Content.Kind == ContentKind.Recording) == (kind == SampleKind.Recordings) || kind is null
            : SampleKinds.Claimed(file.Path) is { } claimed && claimed == kind).ToArray();
        if (loose.Length == 0)
        {
            return null;
        }
        var where = kind == SampleKind.Recordings ? "the folder of recordings" : "the image folder";
        return part.Part.Classes.Count == 0
            ? DataProblem.Fatal(DataProblemKind.Unsorted,
                $"{part.Part.Folder} holds {Counted.Of(loose.Length, "file")} directly and has 0 class folders. "
                + FolderTree.Expected(part.Part.Folder),
                "Sort the files into one subfolder per class, or list them with their labels in a .csv file.")
            : DataProblem.Fatal(DataProblemKind.Unsorted,
                $"{loose[0].Path} lies directly in {where}{(loose.Length > 1 ? $", and {loose.Length - 1} more files" : "")}. "
                + FolderTree.Expected(part.Part.Folder),
                "Move what lies there into the folder of its class.");
    }

    // Every class folder holds only folders. One folder in each is only a level more (cat/images/1.png); several are something else.
    private static DataProblem? Nested(ScannedPart part, FolderScan scan)
    {
        if (scan.Settings.IsForced || part.Part.Classes.Count == 0
            || part.Part.Classes.Any(folder => FolderEntries.Of(folder, followLinks: false) is var entries
                && (entries.Folders.Length == 0 || entries.Files.Select(file => ScannedFile.Of(file, "")).Any(IsSample))))
        {
            return null;
        }
        var inside = part.Part.Classes
            .Select(folder => FolderEntries.Of(folder, followLinks: false).Folders.Select(path => Path.GetFileName(path)).ToArray())
            .ToArray();
        var example = Path.Combine(Path.GetFileName(part.Part.Classes[0]), inside[0][0]);
        var found = $"Found {part.Part.Folder} with {FolderTree.Names(part.Part.Classes)}, which hold only folders, such as {example}. "
            + FolderTree.Expected(part.Part.Folder);
        if (inside.All(names => SplitNames.Find(names).Count == names.Length))
        {
            return DataProblem.Fatal(DataProblemKind.MixedParts, $"The parts lie inside the classes. {found}",
                "Move the folders, so that each part holds the classes.");
        }
        if (part.Part.Classes.Count == 1)
        {
            return DataProblem.Fatal(DataProblemKind.Nested, $"The classes lie a level deeper. {found}", $"Give {part.Part.Classes[0]}.");
        }
        if (inside.All(names => names.Length == 1) || scan.Settings.AllowsNesting)
        {
            return null;
        }
        return DataProblem.Fatal(DataProblemKind.Nested, $"The class folders hold only folders. {found}",
            "Give a folder whose subfolders are the classes, or move the files up."
            + (scan.Settings.Recurse ? "" : " Subfolders of a class are read only with recursion on."));
    }

    private static bool IsSample(ScannedFile file) => SampleKinds.Claimed(file.Path) is not null
        || file.Content.Kind is ContentKind.Image or ContentKind.OtherImage or ContentKind.Recording;

    private static DataProblem? SimilarClasses(ScannedPart part)
    {
        var similar = part.Part.Classes.Select(path => Path.GetFileName(path))
            .GroupBy(Composed, StringComparer.OrdinalIgnoreCase)
            .FirstOrDefault(group => group.Count() > 1);
        return similar is null ? null : new(DataProblemKind.SimilarClasses,
            $"The classes {string.Join(" and ", similar.Take(FilesShown).Select(name => $"'{name}'"))} differ only in case or accents.",
            "If they are one class, put their files into one folder.");
    }

    // The name of a folder may hold half of a surrogate pair, which has no composed form.
    private static string Composed(string name)
    {
        try
        {
            return name.Normalize(NormalizationForm.FormC).Trim();
        }
        catch (ArgumentException)
        {
            return name;
        }
    }

    private static string Hint(ScannedPart part, FolderScan scan)
    {
        var (images, recordings) = FolderScan.Count(part.Files);
        return scan.Settings.Kind == SampleKind.Images && recordings > 0 ? " Use LoadEventRecordings for recordings."
            : scan.Settings.Kind == SampleKind.Recordings && images > 0 ? " Use LoadImageFolder for images."
            : !scan.Settings.Recurse && part.Part.Classes.Any(folder => FolderEntries.Of(folder, followLinks: false).Folders.Length > 0)
                ? " Its subfolders are read only with recursion on."
                : "";
    }

    private static string Noun(SampleKind? kind) => kind?.Noun() ?? "images or recordings";
}
