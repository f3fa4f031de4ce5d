using Microsoft.ML;

namespace MsVit.Trainer.Runs;

/// <summary>Saves and loads models.</summary>
internal static class ModelFile
{
    /// <summary>Saves under a temporary name first, so that an existing model stays until the new one is complete.</summary>
    public static void Save(MLContext mlContext, ITransformer model, DataViewSchema schema, string path)
    {
        var temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            using (var file = new FileStream(temporary, FileMode.CreateNew))
            {
                mlContext.Model.Save(model, schema, file);
                file.Flush(flushToDisk: true);
            }
            File.Move(temporary, path, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    /// <summary>Makes sure before hours of training that a file can be written.</summary>
    /// <exception cref="UsageException">It cannot be written.</exception>
    public static void CheckWritable(string path)
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
            File.Delete(probe);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"{path} cannot be written: {ErrorLine.Of(e)}", e);
        }
    }

    /// <summary>Loads a model.</summary>
    public static ITransformer Load(MLContext mlContext, string path) => File.Exists(path)
        ? mlContext.Model.LoadMsVit(path, out _)
        : throw new UsageException($"There is no model file {Path.GetFullPath(path)}.");
}
