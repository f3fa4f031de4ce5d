namespace MsVit.Trainer.Data;

/// <summary>A folder with separate subfolders for training and testing, such as train/ and test/ (or val/).</summary>
internal static class PartFolders
{
    private static readonly string[] Train = ["train", "training"];
    private static readonly string[] Test = ["test", "val", "valid", "validation"];

    /// <summary>The subfolder of a part; null if the folder does not have both.</summary>
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
        return names.Select(Folder).FirstOrDefault(folder => folder is not null);

        string? Folder(string name) =>
            Array.Find(folders, folder => Path.GetFileName(folder).Equals(name, StringComparison.OrdinalIgnoreCase));
    }
}
