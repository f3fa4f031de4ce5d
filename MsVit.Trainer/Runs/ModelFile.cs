using Microsoft.ML;
using MsVit.MLNet;

namespace MsVit.Trainer.Runs;

/// <summary>Saves and loads models, and protects existing ones.</summary>
internal static class ModelFile
{
    // Endings of files that a model is not.
    private static readonly string[] Foreign =
        [".onnx", ".safetensors", ".pt", ".pth", ".md", ".html", ".json", ".csv", ".txt", ".png", ".jpg", ".db"];

    private static readonly byte[] ZipStart = "PK\u0003\u0004"u8.ToArray();

    /// <summary>Saves under a temporary name first, so that an existing model stays until the new one is complete.</summary>
    /// <exception cref="FileNotReplacedException">The model is complete, but under its temporary name.</exception>
    public static void Save(MLContext mlContext, ITransformer model, DataViewSchema schema, string path)
    {
        var temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            using var file = new FileStream(temporary, FileMode.CreateNew);
            mlContext.Model.Save(model, schema, file);
            file.Flush(flushToDisk: true);
        }
        catch
        {
            Leftover.Delete(temporary);
            throw;
        }
        FileReplacement.Run(temporary, path);
    }

    /// <summary>Makes sure before hours of training that a model can be saved under a name.</summary>
    /// <exception cref="UsageException">The name is that of another kind of file, or cannot be written.</exception>
    public static void CheckPlace(string path)
    {
        if (Foreign.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase))
        {
            throw new UsageException($"{path} ends in {Path.GetExtension(path)}, but what is saved is a model for ML.NET: use .zip. "
                + "'msvit export' turns it into ONNX, safetensors or a model card.");
        }
        CheckFile(path);
    }

    /// <summary>Makes sure that a model replaces nothing that took work.</summary>
    /// <exception cref="UsageException">The file exists, and must not be replaced.</exception>
    public static void CheckReplaces(string path, bool mayReplace)
    {
        if (File.Exists(path) && !mayReplace)
        {
            throw new UsageException($"{path} exists: add --force to replace it, or choose another --output.");
        }
    }

    /// <summary>Makes sure that a file other than a model can be written, and that it replaces no model.</summary>
    /// <exception cref="UsageException">It cannot be written, or it is a model.</exception>
    public static void CheckWritable(string path)
    {
        if (IsModel(path))
        {
            throw new UsageException($"{path} is a saved model, which this would replace: choose another file.");
        }
        CheckFile(path);
    }

    /// <summary>Loads a model: one of ML.NET, or an ONNX model, which gets a mapping of its labels so that it can be evaluated.</summary>
    public static ITransformer Load(MLContext mlContext, string path) =>
        !File.Exists(path) ? throw new UsageException($"There is no model file {Path.GetFullPath(path)}.")
        : !IsOnnx(path) ? mlContext.Model.LoadMsVit(path, out _)
        : LabelMap.Before(mlContext, mlContext.Model.LoadMsVitOnnx(path));

    /// <summary>Whether a file is an ONNX model.</summary>
    public static bool IsOnnx(string path)
    {
        if (!File.Exists(path))
        {
            return false;
        }
        Span<byte> start = stackalloc byte[ZipStart.Length];
        using var file = File.OpenRead(path);
        return OnnxFile.IsOnnx(path, start[..file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)]);
    }

    /// <summary>Makes sure that a model is more than an ONNX model, which only predicts.</summary>
    /// <exception cref="NotSupportedException">It is an ONNX model.</exception>
    public static void CheckNetwork(ITransformer model) => _ = model.FindMsVit().Model;

    private static void CheckFile(string path)
    {
        var full = Path.GetFullPath(path);
        if (Directory.Exists(full))
        {
            throw new UsageException($"{path} is a folder; expected a file, such as {Path.Combine(path, "model.zip")}.");
        }
        try
        {
            _ = Directory.CreateDirectory(Path.GetDirectoryName(full)!);
            var probe = $"{full}.{Guid.NewGuid():N}.tmp";
            File.WriteAllBytes(probe, []);
            Leftover.Delete(probe);
            if (File.Exists(full))
            {
                // A folder may be writable while the file in it is not.
                using var existing = new FileStream(full, FileMode.Open, FileAccess.ReadWrite);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"{path} cannot be written: {ErrorLine.Of(e)}", e);
        }
    }

    private static bool IsModel(string path)
    {
        if (!File.Exists(path))
        {
            return false;
        }
        Span<byte> start = stackalloc byte[ZipStart.Length];
        using var file = File.OpenRead(path);
        return file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) == start.Length && start.SequenceEqual(ZipStart);
    }
}
