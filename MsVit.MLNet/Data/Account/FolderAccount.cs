namespace MsVit.MLNet;

/// <summary>The account of a folder.</summary>
internal static class FolderAccount
{
    public static DataAccount Of(string root, DataAccountOptions options)
    {
        var scan = FolderScan.Of(root, new()
        {
            Kind = options.Kind,
            Recurse = true,
            IsForced = options.Force,
            Progress = options.Progress is { } progress ? (done, total) => progress.Report((done, total)) : null,
            Cancellation = options.CancellationToken,
        });
        AccountedPart[] parts =
        [
            .. scan.Parts.Select(part => AccountParts.Of(
                part.Part.Name, part.Part.Split, part.Part.Folder, [.. part.Loaded.Select(file => new AccountedSample(file))])),
        ];
        var passed = scan.Parts.SelectMany(part => part.Files.Where(file => file.Role == FileRole.PassedOver).Concat(part.Loose));
        var problems = scan.Problems.Concat(scan.Parts.SelectMany(part => part.Problems));
        return AccountParts.Account(root, scan.Kind, parts, [.. problems], [.. passed], options);
    }
}
