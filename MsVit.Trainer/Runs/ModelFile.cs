using Microsoft.ML;

namespace MsVit.Trainer.Runs;

/// <summary>Saves and loads models.</summary>
internal static class ModelFile
{
    /// <summary>Saves under another name first: a model that was there stays until the new one is whole.</summary>
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

    /// <summary>Makes sure, before hours of training, that a file can be written there.</summary>
    /// <exception cref="UsageException">It cannot.</exception>
    public static void CheckWritable(string path)
    {
        var full = Path.GetFullPath(path);
        if (Directory.Exists(full))
        {
            throw new UsageException($"{path} is a folder; expected the name of a file, such as {Path.Combine(path, "model.zip")}.");
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

    /// <summary>The steps of a pipeline, those of pipelines in it included.</summary>
    public static IEnumerable<ITransformer> Parts(ITransformer model) => model is IEnumerable<ITransformer> chain ? chain.SelectMany(Parts) : [model];

    /// <summary>The classifier in a model.</summary>
    /// <exception cref="InvalidDataException">There is none.</exception>
    public static MLNet.MsVitTransformer Trained(ITransformer model) => Parts(model).OfType<MLNet.MsVitTransformer>().SingleOrDefault()
        ?? throw new InvalidDataException("The model has no MsVit classifier.");

    /// <summary>The rows as they come to the network: recordings as frames, labels as its classes.</summary>
    public static IDataView Before(ITransformer model, IDataView rows) =>
        Parts(model).TakeWhile(part => part is not MLNet.MsVitTransformer).Aggregate(rows, (view, part) => part.Transform(view));

    /// <summary>Loads a model.</summary>
    public static ITransformer Load(MLContext mlContext, string path) => File.Exists(path)
        ? mlContext.Model.LoadMsVit(path, out _)
        : throw new UsageException($"There is no model file {Path.GetFullPath(path)}.");
}
