using MsVit.MLNet.Events;

namespace MsVit.MLNet;

/// <summary>The account of a list of images or recordings.</summary>
internal static class ListAccount
{
    private const double ClearShare = 0.8;

    public static DataAccount Of(string list, DataAccountOptions options)
    {
        var problems = new List<DataProblem>();
        // Both lists have a path and a label; slices make no sense for images, so that nothing is lost by reading recordings first.
        var rows = EventRecordings.List(
            list, null, recurse: false, message => problems.Add(new(DataProblemKind.UnusedColumns, message, "")));
        var done = 0L;
        var paths = rows.Select(row => row.Path).Distinct().ToArray();
        var scanned = new ScannedFile[paths.Length];
        Parallel.For(0, paths.Length, new ParallelOptions { CancellationToken = options.CancellationToken }, i =>
        {
            scanned[i] = ScannedFile.Of(paths[i], "");
            options.Progress?.Report((Interlocked.Increment(ref done), paths.Length));
        });
        var (images, recordings) = FolderScan.Count(scanned);
        var kind = options.Kind ?? (images >= recordings ? SampleKind.Images : SampleKind.Recordings);
        var isClear = Math.Max(images, recordings) >= ClearShare * (images + recordings);
        if (options.Kind is null && !isClear)
        {
            problems.Add(DataProblem.Fatal(DataProblemKind.UnclearKind,
                $"{list} lists {images} images and {recordings} recordings: it is not clear which are meant.",
                "List images or recordings, not both."));
        }
        // A listed file is meant: what is not of the kind is not passed over but cannot be read.
        var files = FileRoles.Assign(scanned, kind)
            .Select(file => file.Role == FileRole.PassedOver ? file with { Role = FileRole.Broken } : file)
            .ToDictionary(file => file.Path, StringComparer.Ordinal);
        var samples = rows.Select(row => new AccountedSample(files[row.Path] with { Label = row.Label }, row.Start, row.End)).ToArray();
        var part = AccountParts.Of("", null, list, samples);
        if (part.Part.Classes.Count < 2)
        {
            problems.Add(DataProblem.Fatal(DataProblemKind.OneClass,
                $"{list} has 1 class ({part.Part.Classes[0].Label}); classification needs at least 2."));
        }
        return AccountParts.Account(
            list, options.Kind is null && !isClear ? null : kind, [part], problems, [], options);
    }
}
