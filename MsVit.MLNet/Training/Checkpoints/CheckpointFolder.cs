using System.Globalization;
using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>The checkpoints of one run: the two newest, and the best weights that they refer to.</summary>
/// <remarks>
/// A checkpoint is a tensor file and a JSON file with its hash. Both are written under temporary names, flushed to disk and renamed, the
/// JSON last; only then are older ones deleted. From the first checkpoint on, there is a complete one at any moment. A run locks the folder
/// while it uses it; the lock ends with the process.
/// </remarks>
internal sealed class CheckpointFolder : IDisposable
{
    private const int Kept = 2;
    private const string Prefix = "step-";

    private readonly FolderLock _lock;

    /// <exception cref="FolderInUseException">Another run uses the folder.</exception>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    public CheckpointFolder(string folder)
    {
        FullPath = Path.GetFullPath(folder);
        try
        {
            _lock = FolderLock.Take(FullPath);
        }
        catch (FolderInUseException e)
        {
            throw new FolderInUseException(
                $"The checkpoint folder {FullPath} is in use by {e.Owner}. Is another run using it? Each run needs its own folder.",
                e.Owner,
                e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"The checkpoint folder {FullPath} cannot be used: {e.Message}", e);
        }
        foreach (var left in Directory.EnumerateFiles(FullPath, "*.tmp"))
        {
            Leftover.Delete(left);
        }
    }

    /// <summary>The folder.</summary>
    public string FullPath { get; }

    /// <summary>The newest checkpoint that can be read; null if there is none.</summary>
    /// <param name="run">The run that the checkpoint must belong to.</param>
    /// <param name="notice">Receives a line for each damaged checkpoint.</param>
    /// <exception cref="InvalidOperationException">The checkpoint belongs to another run; the message lists the differences.</exception>
    /// <exception cref="InvalidDataException">There are checkpoints, but all of them are damaged.</exception>
    public Checkpoint? Load(RunIdentity run, Action<string> notice)
    {
        var faults = new List<string>();
        foreach (var path in Documents())
        {
            try
            {
                return Read(path, run);
            }
            catch (InvalidDataException e)
            {
                faults.Add($"{Path.GetFileName(path)}: {e.Message}");
                notice($"The checkpoint {path} is damaged ({e.Message}). Trying the one before it.");
            }
        }
        return faults.Count == 0 ? null : throw new InvalidDataException(
            $"No checkpoint in {FullPath} can be read: {string.Join("; ", faults)}. Restore one, or empty the folder to start over.");
    }

    /// <summary>Writes the best weights so far. The next <see cref="Save"/> refers to them.</summary>
    public TensorFile SaveBest(int epoch, IReadOnlyDictionary<string, Tensor> weights) =>
        TensorFile.Write(FullPath, string.Create(CultureInfo.InvariantCulture, $"best-{epoch:000000}.safetensors"), weights);

    /// <summary>
    /// Writes a checkpoint, then deletes all but the two newest. What cannot be deleted is named in a notice; the next call tries again.
    /// </summary>
    /// <exception cref="IOException">The checkpoint could not be written. Existing ones are untouched.</exception>
    public void Save(
        RunIdentity run,
        RunState state,
        IReadOnlyDictionary<string, Tensor> tensors,
        TensorFile? best,
        Action<string>? notice = null)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"{Prefix}{state.StepsDone:000000000000}");
        var file = TensorFile.Write(FullPath, name + ".safetensors", tensors);
        var document = new CheckpointDocument { Run = run, State = state, Tensors = file, Best = best };
        var path = Path.Combine(FullPath, name + ".json");
        try
        {
            using var pending = new PendingFile(path, isKept: false);
            pending.Stream.Write(document.ToBytes());
            pending.Complete();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException && !File.Exists(path))
        {
            // Tensors that no document names only fill the disk.
            Leftover.Delete(Path.Combine(FullPath, file.Name));
            throw;
        }
        RemoveOld(best, notice);
    }

    /// <inheritdoc/>
    public void Dispose() => _lock.Dispose();

    // The newest first.
    private string[] Documents() =>
        [.. Directory.EnumerateFiles(FullPath, Prefix + "*.json").OrderDescending(StringComparer.Ordinal)];

    private Checkpoint Read(string path, RunIdentity run)
    {
        var document = CheckpointDocument.FromBytes(File.ReadAllBytes(path));
        if (document.Run.Differences(run).ToArray() is { Length: > 0 } differences)
        {
            throw new InvalidOperationException(
                $"The checkpoint {path} belongs to another run: {string.Join("; ", differences)}. "
                + "Resume with the original settings, or choose another folder for this run.");
        }
        var best = document.Best?.Read(FullPath);
        try
        {
            return new(document.State, document.Tensors.Read(FullPath), best, document.Best);
        }
        catch
        {
            best?.Dispose();
            throw;
        }
    }

    private void RemoveOld(TensorFile? best, Action<string>? notice)
    {
        var documents = Documents();
        foreach (var path in documents.Skip(Kept))
        {
            // The JSON first: without it, tensors are not a checkpoint.
            Leftover.Delete(path, notice);
        }
        // A document that could not be deleted keeps its tensors.
        var needed = Documents()
            .Select(path => Path.GetFileNameWithoutExtension(path) + ".safetensors")
            .ToHashSet(StringComparer.Ordinal);
        if (best is not null)
        {
            needed.Add(best.Name);
        }
        if (documents.Length > 1 && BestOf(documents[1]) is { } earlier)
        {
            needed.Add(earlier);
        }
        foreach (var path in Directory.EnumerateFiles(FullPath, "*.safetensors"))
        {
            if (!needed.Contains(Path.GetFileName(path)))
            {
                Leftover.Delete(path, notice);
            }
        }
    }

    private static string? BestOf(string path)
    {
        try
        {
            return CheckpointDocument.FromBytes(File.ReadAllBytes(path)).Best?.Name;
        }
        catch (InvalidDataException)
        {
            // A damaged checkpoint refers to nothing.
            return null;
        }
    }
}

/// <summary>A checkpoint that was read; it owns its tensors.</summary>
/// <param name="State">Where the run stood.</param>
/// <param name="Tensors">Weights, optimizer state and averages.</param>
/// <param name="Best">The weights of the best epoch; null before there is one.</param>
/// <param name="BestFile">Their file.</param>
internal sealed record Checkpoint(RunState State, SafetensorsFile Tensors, SafetensorsFile? Best, TensorFile? BestFile) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose()
    {
        Tensors.Dispose();
        Best?.Dispose();
    }
}
