namespace MsVit.Trainer.Data;

/// <summary>A folder that holds a training set and a test set in folders of their own, such as train/ and test/ (or val/).</summary>
internal static class PartFolders
{
    private static readonly string[] Train = ["train", "training"];
    private static readonly string[] Test = ["test", "val", "valid", "validation"];

    /// <summary>The part's folder; null where the folder is not of this kind.</summary>
    public static string? Of(string path, DataPart part)
    {
        if (!Directory.Exists(path))
        {
            return null;
        }
        var (train, test) = (Find(path, Train), Find(path, Test));
        return train is null || test is null ? null : part == DataPart.Train ? train : test;
    }

    private static string? Find(string path, string[] names)
    {
        var folders = Directory.GetDirectories(path);
        return names.Select(name => Array.Find(folders, folder => Path.GetFileName(folder).Equals(name, StringComparison.OrdinalIgnoreCase))).FirstOrDefault(folder => folder is not null);
    }
}
