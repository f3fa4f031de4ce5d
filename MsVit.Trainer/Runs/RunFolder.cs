namespace MsVit.Trainer.Runs;

/// <summary>The folder in which a run is saved until it is done.</summary>
internal static class RunFolder
{
    private static readonly string[] Own = [".json", ".safetensors", ".lock", ".tmp"];

    /// <summary>Deletes it with its checkpoints.</summary>
    /// <exception cref="UsageException">It holds anything that no run wrote.</exception>
    public static void Delete(string folder)
    {
        var foreign = Directory.EnumerateFileSystemEntries(folder).FirstOrDefault(entry => Directory.Exists(entry) || !Own.Contains(Path.GetExtension(entry)));
        if (foreign is not null)
        {
            throw new UsageException($"{folder} is not only a run's: it holds {Path.GetFileName(foreign)}. Nothing was deleted; name another folder with --checkpoint.");
        }
        Directory.Delete(folder, recursive: true);
    }
}
