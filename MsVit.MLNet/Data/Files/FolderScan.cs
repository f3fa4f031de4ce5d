namespace MsVit.MLNet;

/// <summary>A folder of class folders, walked once: every file with its class, what it is, and what becomes of it.</summary>
/// <remarks>Order is ordinal by part, class and path, on every platform and with any number of threads.</remarks>
internal sealed class FolderScan
{
    // A kind is clear if it has at least this share of all images and recordings.
    private const double ClearShare = 0.8;

    private FolderScan(FolderTree tree, FolderScanSettings settings) => (Tree, Settings, Problems) = (tree, settings, [.. tree.Problems]);

    public FolderTree Tree { get; }

    public FolderScanSettings Settings { get; }

    /// <summary>Images or recordings; null if there are none or it is unclear.</summary>
    public SampleKind? Kind { get; private set; }

    public IReadOnlyList<ScannedPart> Parts { get; private set; } = [];

    public List<DataProblem> Problems { get; }

    /// <summary>Walks a folder.</summary>
    /// <param name="root">An existing folder.</param>
    /// <param name="settings">How.</param>
    public static FolderScan Of(string root, FolderScanSettings settings)
    {
        var scan = new FolderScan(FolderTree.Of(root, settings.IsForced), settings);
        if (scan.Problems.Any(problem => problem.IsFatal))
        {
            return scan;
        }
        scan.Read();
        scan.Kind = settings.Kind ?? scan.ClearKind();
        if (scan.Kind is { } kind)
        {
            scan.Parts = [.. scan.Parts.Select(part => part with { Files = FileRoles.Assign(part.Files, kind) })];
        }
        scan.Parts = [.. scan.Parts.Select(part => part with { Problems = FolderProblems.Of(part, scan) })];
        return scan;
    }

    /// <summary>How many images and recordings there are among some files, by content; by name if no content is known.</summary>
    public static (int Images, int Recordings) Count(IReadOnlyCollection<ScannedFile> files)
    {
        var sidecars = FileRoles.Sidecars(files);
        var images = files.Count(file => file.Content.Kind is ContentKind.Image or ContentKind.OtherImage);
        var recordings = files.Count(file => file.Content.Kind == ContentKind.Recording && !sidecars.Contains(file.Path));
        return images + recordings > 0
            ? (images, recordings)
            : (files.Count(file => SampleKinds.Claimed(file.Path) == SampleKind.Images),
                files.Count(file => SampleKinds.Claimed(file.Path) == SampleKind.Recordings));
    }

    private void Read()
    {
        var listed = Tree.Parts.Select(part => part.Classes.SelectMany(folder => FolderEntries.FilesBelow(folder, Settings.Recurse)
            .Select(file => (File: file, Label: Path.GetFileName(folder)))).ToArray()).ToArray();
        var total = listed.Sum(files => (long)files.Length);
        var done = 0L;
        Parts =
        [
            .. Tree.Parts.Zip(listed, (part, files) =>
            {
                var scanned = new ScannedFile[files.Length];
                Parallel.For(0, files.Length, new ParallelOptions { CancellationToken = Settings.Cancellation }, i =>
                {
                    scanned[i] = ScannedFile.Of(files[i].File, files[i].Label);
                    Settings.Progress?.Invoke(Interlocked.Increment(ref done), total);
                });
                var loose = FolderEntries.Of(part.Folder, followLinks: true).Files.Select(file => ScannedFile.Of(file, "")).ToArray();
                return new ScannedPart(part, scanned, loose);
            }),
        ];
    }

    private SampleKind? ClearKind()
    {
        var all = Parts.SelectMany(part => part.Files).ToArray();
        var (images, recordings) = Count(all);
        if (images + recordings == 0)
        {
            return null;
        }
        var kind = images >= recordings ? SampleKind.Images : SampleKind.Recordings;
        var other = all.GroupBy(file => file.Label).Select(group => (Class: group.Key, Counts: Count([.. group])))
            .FirstOrDefault(group => kind == SampleKind.Images
                ? group.Counts.Recordings > group.Counts.Images
                : group.Counts.Images > group.Counts.Recordings);
        if (Math.Max(images, recordings) >= ClearShare * (images + recordings) && other.Class is null)
        {
            return kind;
        }
        Problems.Add(DataProblem.Fatal(DataProblemKind.UnclearKind,
            $"{Tree.Root} holds {images} images and {recordings} recordings"
            + (other.Class is null ? "" : $" (class {other.Class}: {other.Counts.Images} and {other.Counts.Recordings})")
            + ": it is not clear which are meant.",
            "Load images or recordings, or remove the files that are not meant."));
        return null;
    }
}

/// <summary>How to walk a folder.</summary>
internal sealed record FolderScanSettings
{
    /// <summary>The kind of files to read; null for the clear majority.</summary>
    public SampleKind? Kind { get; init; }

    /// <summary>Whether class folders may have subfolders.</summary>
    public bool Recurse { get; init; }

    /// <summary>Whether the caller knows that classes lie in folders of folders.</summary>
    public bool AllowsNesting { get; init; }

    /// <summary>Whether folders with the names of parts are classes, and empty classes are left out.</summary>
    public bool IsForced { get; init; }

    /// <summary>Called after each file with the number of files read and of all files, from several threads.</summary>
    public Action<long, long>? Progress { get; init; }

    public CancellationToken Cancellation { get; init; }
}

/// <summary>The files of a part.</summary>
/// <param name="Part">The part.</param>
/// <param name="Files">The files of its classes.</param>
/// <param name="Loose">The files beside the class folders.</param>
internal sealed record ScannedPart(FolderPart Part, IReadOnlyList<ScannedFile> Files, IReadOnlyList<ScannedFile> Loose)
{
    /// <summary>What is wrong with its classes.</summary>
    public IReadOnlyList<DataProblem> Problems { get; init; } = [];

    /// <summary>The files that are loaded, broken ones included: whoever reads them decides whether to stop or to skip.</summary>
    public IEnumerable<ScannedFile> Loaded => Files.Where(file => file.Role != FileRole.PassedOver);
}
