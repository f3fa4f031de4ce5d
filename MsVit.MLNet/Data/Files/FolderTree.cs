namespace MsVit.MLNet;

/// <summary>The folders of a data set: its parts, if it has any, and their class folders.</summary>
/// <param name="Root">The folder that was given.</param>
/// <param name="Parts">The parts, training first; one without a name and split if the folder holds the classes itself.</param>
/// <param name="Problems">What is wrong with the tree, and what of it is not used.</param>
internal sealed record FolderTree(string Root, IReadOnlyList<FolderPart> Parts, IReadOnlyList<DataProblem> Problems)
{
    private const int NamesShown = 5;
    private const int FilesTried = 1000;

    /// <summary>Finds parts and classes.</summary>
    /// <param name="root">An existing folder.</param>
    /// <param name="partsAreClasses">Whether folders with the names of parts are classes all the same.</param>
    public static FolderTree Of(string root, bool partsAreClasses = false)
    {
        var folders = FolderEntries.Of(root, followLinks: true).Folders;
        var splits = partsAreClasses
            ? new Dictionary<string, DataSplit>()
            : SplitNames.Find([.. folders.Select(folder => Path.GetFileName(folder))]);
        var named = folders.Where(folder => splits.ContainsKey(Path.GetFileName(folder)) && HasSamples(folder)).ToArray();
        if (named.Length == 0)
        {
            return new(root, [new(null, root, ClassFolders(root))], []);
        }
        var parts = named.Where(HasFolders)
            .Select(folder => new FolderPart(splits[Path.GetFileName(folder)], folder, ClassFolders(folder)))
            .OrderBy(part => part.Split).ToArray();
        var flat = named.Where(folder => !HasFolders(folder)).ToArray();
        var others = folders.Except(named).Where(HasSamples).ToArray();
        var isSplit = parts.Any(part => part.Split == DataSplit.Train) && parts.Length + flat.Length > 1;
        if (parts.FirstOrDefault(part => parts.Count(other => other.Split == part.Split) > 1) is { } twice)
        {
            return Refused(root, DataProblemKind.MixedParts,
                $"{root} has more than one {Word(twice.Split)} part: "
                + $"{Names(parts.Where(part => part.Split == twice.Split).Select(part => part.Folder))}.",
                "Give one of them by its path, or rename what is not a part.");
        }
        if (parts.Length == 0 && others.Length == 0)
        {
            return Refused(root, DataProblemKind.Unsorted,
                $"{Names(flat)} in {root} hold files directly, without class folders. {Expected(root, Path.GetFileName(flat[0]))}",
                "Sort the files into one subfolder per class, or list them with their labels in a .csv file.");
        }
        if (others.Length > 0 && !isSplit)
        {
            return Refused(root, DataProblemKind.MixedParts,
                $"{root} mixes what look like parts, {Names(named)}, and what look like classes, {Names(others)}.",
                "Give one part by its path, move the classes into it, or rename a class that has the name of a part.");
        }
        return new(root, parts,
        [
            .. flat.Select(folder => new DataProblem(DataProblemKind.UnusedPart,
                $"{Path.GetFileName(folder)}/ is not used: it holds files without class folders, so their classes are unknown.", "")),
            .. others.Select(folder => new DataProblem(DataProblemKind.UnusedPart,
                $"{Path.GetFileName(folder)}/ is not used: it lies beside {Names(parts.Select(part => part.Folder))}.", "")),
        ]);
    }

    /// <summary>The part to train on or to test on; null if there is none.</summary>
    /// <remarks>Where a set has no test part, the validation part takes its place.</remarks>
    public FolderPart? Part(DataSplit split) =>
        Parts.FirstOrDefault(part => part.Split == split || part.Split is null)
        ?? (split == DataSplit.Test ? Parts.FirstOrDefault(part => part.Split == DataSplit.Validation) : null);

    /// <summary>The names of folders, up to a limit.</summary>
    public static string Names(IEnumerable<string> folders)
    {
        string[] names = [.. folders.Select(folder => Path.GetFileName(folder) + "/")];
        return names.Length > NamesShown
            ? $"{string.Join(", ", names.Take(NamesShown))} and {names.Length - NamesShown} more"
            : string.Join(names.Length == 2 ? " and " : ", ", names);
    }

    /// <summary>The tree that was expected below a folder.</summary>
    public static string Expected(string root, string? part = null)
    {
        var folder = Path.Combine(Path.GetFileName(Path.TrimEndingDirectorySeparator(root)), part ?? "");
        return $"Expected {Path.Combine(folder, "CLASS", "FILE")}, such as {Path.Combine(folder, "cat", "1.png")} "
            + $"and {Path.Combine(folder, "dog", "1.png")}.";
    }

    /// <summary>What a part is called.</summary>
    public static string Word(DataSplit? split) => split switch
    {
        DataSplit.Train => "training",
        DataSplit.Test => "test",
        DataSplit.Validation => "validation",
        _ => "",
    };

    private static string[] ClassFolders(string folder) => FolderEntries.Of(folder, followLinks: true).Folders;

    private static bool HasFolders(string folder) => ClassFolders(folder).Length > 0;

    // By name alone, so that a part of a million files is not opened twice; of files without a known ending some are opened.
    private static bool HasSamples(string folder) => FolderEntries.FilesBelow(folder, recurse: true).Take(FilesTried).Any(file =>
        SampleKinds.Claimed(file) is not null
        || ScannedFile.Of(file, "").Content.Kind is ContentKind.Image or ContentKind.OtherImage or ContentKind.Recording);

    private static FolderTree Refused(string root, DataProblemKind kind, string message, string remedy) =>
        new(root, [], [DataProblem.Fatal(kind, message, remedy)]);
}

/// <summary>A part of a data set.</summary>
/// <param name="Split">What it is for; null if the set has no parts.</param>
/// <param name="Folder">Its folder.</param>
/// <param name="Classes">The folders of its classes.</param>
internal sealed record FolderPart(DataSplit? Split, string Folder, IReadOnlyList<string> Classes)
{
    /// <summary>The name of its folder; empty if the set has no parts.</summary>
    public string Name => Split is null ? "" : Path.GetFileName(Folder);
}
