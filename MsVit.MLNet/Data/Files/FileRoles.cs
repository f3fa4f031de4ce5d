namespace MsVit.MLNet;

/// <summary>Decides what becomes of each file once it is known whether images or recordings are read.</summary>
internal static class FileRoles
{
    /// <summary>Gives each file its role.</summary>
    public static ScannedFile[] Assign(IReadOnlyCollection<ScannedFile> files, SampleKind kind)
    {
        // Endings of texts that are mostly recordings here: a malformed one among them is broken, not a note.
        var tables = files.Where(file => SampleKinds.IsTable(file.Path)).GroupBy(file => file.Extension)
            .Where(group => 2 * group.Count(file => file.Content.Kind == ContentKind.Recording) > group.Count())
            .Select(group => group.Key).ToArray();
        return [.. files.Select(file => file with { Role = Of(file, kind, tables) })];
    }

    /// <summary>The paths of tables of few rows that have the name of an image beside them: its boxes or labels, not recordings.</summary>
    public static HashSet<string> Sidecars(IReadOnlyCollection<ScannedFile> files)
    {
        var images = files.Where(file => file.Content.Kind is ContentKind.Image or ContentKind.OtherImage)
            .Select(file => Stem(file.Path)).ToHashSet(StringComparer.Ordinal);
        return files.Where(file => file.HasFewRows && images.Contains(Stem(file.Path))).Select(file => file.Path)
            .ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>Why a file is passed over, with the remedy if there is one.</summary>
    public static string Reason(ScannedFile file) => file.Content.Kind switch
    {
        ContentKind.OtherImage => $"{file.Content.Name}: convert to PNG or JPEG",
        ContentKind.Image => "images",
        ContentKind.Recording => "recordings",
        _ => file.Content.Name,
    };

    private static FileRole Of(ScannedFile file, SampleKind kind, string[] tables)
    {
        if (kind == SampleKind.Images)
        {
            return file.Content.Kind == ContentKind.Image ? FileRole.Sample
                : file.Content.Kind is ContentKind.OtherImage or ContentKind.Recording ? FileRole.PassedOver
                : SampleKinds.Claimed(file.Path) == SampleKind.Images ? FileRole.Broken
                : FileRole.PassedOver;
        }
        return file.Content.Kind == ContentKind.Recording ? FileRole.Sample
            : file.Content.Kind is ContentKind.Image or ContentKind.OtherImage ? FileRole.PassedOver
            : SampleKinds.Claimed(file.Path) == SampleKind.Recordings || tables.Contains(file.Extension) ? FileRole.Broken
            : FileRole.PassedOver;
    }

    private static string Stem(string path) => Path.Combine(Path.GetDirectoryName(path) ?? "", Path.GetFileNameWithoutExtension(path));
}
