using System.Text.Json;
using MsVit.MLNet;

namespace MsVit.Trainer.Runs;

/// <summary>The folder with the checkpoints of a run, for the one process that has claimed it.</summary>
/// <remarks>
/// The library locks the folder only while it trains. This lock also covers what comes before and after: the decision to start over, and
/// the time until the model is saved and the checkpoints are deleted.
/// </remarks>
internal sealed class RunFolder : IDisposable
{
    private const string SavedName = "saved.json";

    private static readonly string[] Own = [".json", ".safetensors", ".tmp"];

    private readonly FolderLock _session;
    private readonly RunFolder? _usual;

    private RunFolder(string path, FolderLock session, RunFolder? usual) => (Path, _session, _usual) = (path, session, usual);

    /// <summary>The folder as the user named it.</summary>
    public string Path { get; }

    /// <summary>Whether an earlier run left something in it.</summary>
    public bool HasRun => Directory.EnumerateFileSystemEntries(Path)
        .Any(entry => !FolderLock.IsOwn(entry));

    /// <summary>Claims a folder, which need not exist.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="usual">
    /// The usual folder for the model, which is claimed too: runs with different folders must not write one model either.
    /// </param>
    /// <exception cref="IOException">A run is using it, or it cannot be written.</exception>
    public static RunFolder Claim(string folder, string? usual = null)
    {
        FolderLock? session = null;
        var other = default(RunFolder);
        try
        {
            other = usual is null || System.IO.Path.GetFullPath(usual) == System.IO.Path.GetFullPath(folder) ? null : Claim(usual);
            session = FolderLock.Take(folder, "session");
            // Held by a program that trains with the library.
            FolderLock.Take(folder).Dispose();
            return new(folder, session, other);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            session?.Dispose();
            other?.Dispose();
            FolderLock.DeleteIfEmpty(folder);
            throw e is FolderInUseException used
                ? new IOException($"{folder} is in use by {used.Owner}: a run is alive there, and nothing was changed. "
                    + "Wait until it ends, or choose another --output.", e)
                : new IOException($"The folder {folder} cannot be used for checkpoints: {ErrorLine.Of(e)}", e);
        }
    }

    /// <summary>Makes sure that <see cref="Clear"/> would delete nothing but a run.</summary>
    /// <exception cref="UsageException">There are files that do not belong to a run.</exception>
    public void CheckClearable()
    {
        var foreign = Directory.EnumerateFileSystemEntries(Path)
            .FirstOrDefault(entry => Directory.Exists(entry)
                || (!Own.Contains(System.IO.Path.GetExtension(entry)) && !FolderLock.IsOwn(entry)));
        if (foreign is not null)
        {
            throw new UsageException($"{Path} has files that do not belong to a run, such as {System.IO.Path.GetFileName(foreign)}. "
                + "Nothing was deleted; name another folder with --checkpoint.");
        }
    }

    /// <summary>Deletes the checkpoints. The folder itself goes when this is disposed.</summary>
    /// <exception cref="UsageException">There are files that do not belong to a run; nothing was deleted.</exception>
    public void Clear()
    {
        CheckClearable();
        using var held = FolderLock.Take(Path);
        held.DeleteContents();
    }

    /// <summary>Records that this run saved a model, so that it may replace it when it is resumed.</summary>
    public void RecordSaved(string model)
    {
        try
        {
            File.WriteAllBytes(Record, JsonSerializer.SerializeToUtf8Bytes(SavedModel.Of(model)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The disk is full, or somebody has the file open. Without the record, resuming asks for --force.
        }
    }

    /// <summary>Whether a model is the one that this run saved last.</summary>
    public bool HasSaved(string model)
    {
        try
        {
            return File.Exists(Record) && File.Exists(model)
                && JsonSerializer.Deserialize<SavedModel>(File.ReadAllBytes(Record)) == SavedModel.Of(model);
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _session.Dispose();
        FolderLock.DeleteIfEmpty(Path);
        _usual?.Dispose();
    }

    private string Record => System.IO.Path.Combine(Path, SavedName);

    // The time tells a model from one that another run saved under the same name.
    private sealed record SavedModel(string Path, long Length, DateTime Written)
    {
        public static SavedModel Of(string model)
        {
            var file = new FileInfo(model);
            return new(file.FullName, file.Length, file.LastWriteTimeUtc);
        }
    }
}
