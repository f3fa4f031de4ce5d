using System.Globalization;
using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>The checkpoints of one run: the newest two, and the best weights that they name.</summary>
/// <remarks>
/// A checkpoint is a file of tensors and a file of JSON with its hash. Both are written under temporary names, flushed to the disk and renamed,
/// the JSON last; older ones go only after that. So at any instant there is a whole checkpoint, once there was one. While a run
/// uses the folder it holds a lock, which ends with its process.
/// </remarks>
internal sealed class CheckpointFolder : IDisposable
{
    private const int Kept = 2;
    private const string Prefix = "step-";

    private readonly FileStream _lock;

    /// <exception cref="IOException">Another run uses the folder, or it cannot be written.</exception>
    public CheckpointFolder(string path)
    {
        FullPath = Path.GetFullPath(path);
        try
        {
            Directory.CreateDirectory(FullPath);
            _lock = new FileStream(Path.Combine(FullPath, "run.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointInUseException($"The checkpoint folder {FullPath} cannot be used: {e.Message} Is another run using it? Give each run a folder of its own.", e);
        }
        foreach (var left in Directory.EnumerateFiles(FullPath, "*.tmp"))
        {
            File.Delete(left);
        }
    }

    /// <summary>The folder.</summary>
    public string FullPath { get; }

    /// <summary>The newest checkpoint that can be read; null where there is none at all.</summary>
    /// <param name="run">What the checkpoint must belong to.</param>
    /// <param name="notice">Told of each one that is damaged.</param>
    /// <exception cref="InvalidOperationException">It belongs to another run; the message names the differences.</exception>
    /// <exception cref="InvalidDataException">There are some, and all are damaged.</exception>
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
                notice($"The checkpoint {path} is damaged ({e.Message}); the one before it is tried.");
            }
        }
        return faults.Count == 0 ? null : throw new InvalidDataException(
            $"No checkpoint in {FullPath} can be read: {string.Join("; ", faults)}. Restore one, or empty the folder to train from the beginning.");
    }

    /// <summary>Writes the best weights so far; they count from the next <see cref="Save"/> on.</summary>
    public TensorFile SaveBest(int epoch, IReadOnlyDictionary<string, Tensor> weights) =>
        TensorFile.Write(FullPath, string.Create(CultureInfo.InvariantCulture, $"best-{epoch:000000}.safetensors"), weights);

    /// <summary>Writes a checkpoint, then removes all but the newest two.</summary>
    /// <exception cref="IOException">It could not be written; those that were there are untouched.</exception>
    public void Save(RunIdentity run, RunState state, IReadOnlyDictionary<string, Tensor> tensors, TensorFile? best)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"{Prefix}{state.StepsDone:000000000000}");
        var document = new CheckpointDocument { Run = run, State = state, Tensors = TensorFile.Write(FullPath, name + ".safetensors", tensors), Best = best };
        using (var file = new PendingFile(Path.Combine(FullPath, name + ".json")))
        {
            file.Stream.Write(document.ToBytes());
            file.Complete();
        }
        RemoveOld(best);
    }

    /// <inheritdoc/>
    public void Dispose() => _lock.Dispose();

    // The newest first.
    private string[] Documents() => [.. Directory.EnumerateFiles(FullPath, Prefix + "*.json").OrderDescending(StringComparer.Ordinal)];

    private Checkpoint Read(string path, RunIdentity run)
    {
        var document = CheckpointDocument.FromBytes(File.ReadAllBytes(path));
        if (document.Run.Differences(run).ToArray() is { Length: > 0 } differences)
        {
            throw new InvalidOperationException(
                $"The checkpoint {path} belongs to another run: {string.Join("; ", differences)}. Go on with what it was begun with, or give this run another folder.");
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

    private void RemoveOld(TensorFile? best)
    {
        var documents = Documents();
        foreach (var path in documents.Skip(Kept))
        {
            // The JSON first: tensors without it are no checkpoint.
            File.Delete(path);
        }
        var needed = documents.Take(Kept).Select(path => Path.GetFileNameWithoutExtension(path) + ".safetensors").ToHashSet(StringComparer.Ordinal);
        if (best is not null)
        {
            needed.Add(best.Name);
        }
        if (documents.Length > 1 && BestOf(documents[1]) is { } earlier)
        {
            needed.Add(earlier);
        }
        foreach (var path in Directory.EnumerateFiles(FullPath, "*.safetensors").Where(path => !needed.Contains(Path.GetFileName(path))))
        {
            File.Delete(path);
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
            // A damaged checkpoint needs nothing.
            return null;
        }
    }
}

/// <summary>A whole checkpoint that was read; it owns its tensors.</summary>
/// <param name="State">Where the run stood.</param>
/// <param name="Tensors">Weights, optimizer and averages.</param>
/// <param name="Best">The best epoch's weights; null before there is one.</param>
/// <param name="BestFile">The file that those are in.</param>
internal sealed record Checkpoint(RunState State, SafetensorsFile Tensors, SafetensorsFile? Best, TensorFile? BestFile) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose()
    {
        Tensors.Dispose();
        Best?.Dispose();
    }
}

/// <summary>Another run uses a folder of checkpoints, or it cannot be written.</summary>
internal sealed class CheckpointInUseException(string message, Exception inner) : IOException(message, inner);
