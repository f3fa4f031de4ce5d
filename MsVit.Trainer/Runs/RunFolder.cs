namespace MsVit.Trainer.Runs;

/// <summary>The folder with the checkpoints of a run.</summary>
internal static class RunFolder
{
    private static readonly string[] Own = [".json", ".safetensors", ".lock", ".tmp"];

    /// <summary>Deletes the folder and its checkpoints.</summary>
    /// <exception cref="UsageException">It has files that do not belong to a run.</exception>
    public static void Delete(string folder)
    {
        var foreign = Directory.EnumerateFileSystemEntries(folder)
            .FirstOrDefault(entry => Directory.Exists(entry) || !Own.Contains(Path.GetExtension(entry)));
        if (foreign is not null)
        {
            throw new UsageException($"{folder} has files that do not belong to a run, such as {Path.GetFileName(foreign)}. "
                + "Nothing was deleted; name another folder with --checkpoint.");
        }
        Directory.Delete(folder, recursive: true);
    }
}
