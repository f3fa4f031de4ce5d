using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MsVit.MLNet;
using MsVit.MLNet.Events;

namespace Microsoft.ML;

/// <summary>Saves a trained pipeline as an ONNX model, and loads one that predicts by ONNX Runtime, without torch.</summary>
public static class MsVitOnnxCatalog
{
    /// <summary>
    /// Loads a model of <see cref="SaveMsVitOnnx"/> or <see cref="MsVitTransformer.SaveAsOnnx"/>. It adds the same columns as the model
    /// that it was exported from, and computes them with ONNX Runtime on the CPU. Torch is not loaded.
    /// </summary>
    /// <remarks>
    /// The application needs the package Microsoft.ML.OnnxRuntime. The model only predicts: it cannot be analyzed, trained further or
    /// exported again. <c>mlContext.Model.Save</c> saves it, also within a pipeline.
    /// </remarks>
    /// <param name="catalog"><c>mlContext.Model</c>.</param>
    /// <param name="path">The file.</param>
    /// <returns>
    /// The model, which reads images or frames; or a chain of <c>EventsToFrames</c> and the model, if the file says how recordings become
    /// frames. Dispose it when you no longer need it.
    /// </returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">
    /// The file is not an ONNX model of this library, is damaged, or was exported by an earlier version that left out how images become
    /// its input; the message says which, and what to do.
    /// </exception>
    /// <exception cref="DllNotFoundException">The application lacks ONNX Runtime's native library.</exception>
    /// <example>
    /// <code>
    /// var model = mlContext.Model.LoadMsVitOnnx("flowers.onnx");
    /// var engine = mlContext.Model.CreatePredictionEngine&lt;Photo, Flower&gt;(model);
    /// </code>
    /// </example>
    public static ITransformer LoadMsVitOnnx(this ModelOperationsCatalog catalog, string path)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        return Load(CatalogUtils.GetEnvironment(catalog), File.ReadAllBytes(path), path);
    }

    /// <summary>
    /// Writes the MsVit model of a pipeline as an ONNX model, like <see cref="MsVitTransformer.SaveAsOnnx"/>, and with it how
    /// <c>EventsToFrames</c> turns recordings into frames. Other steps of the pipeline are not in the file.
    /// </summary>
    /// <param name="catalog"><c>mlContext.Model</c>.</param>
    /// <param name="model">The trained pipeline, or the model alone.</param>
    /// <param name="path">The file; an existing one is replaced once the new one is complete.</param>
    /// <param name="options">Options, with calibration rows as the pipeline takes them; null for float32.</param>
    /// <exception cref="NotSupportedException">The network cannot be exported to ONNX; the message says why.</exception>
    /// <exception cref="ArgumentException">
    /// The pipeline does not have exactly one MsVit model, or the calibration rows do not fit it, or there are none.
    /// </exception>
    public static void SaveMsVitOnnx(
        this ModelOperationsCatalog catalog, ITransformer model, string path, OnnxExportOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        var pipeline = MsVitPipeline.Of(model);
        var rows = options?.EightBitCalibration is { } given ? pipeline.Prepare(given) : null;
        pipeline.Model.WriteOnnx(
            path,
            (options ?? new()) with { EightBitCalibration = rows },
            pipeline.Before.OfType<EventsToFramesTransformer>().SingleOrDefault()?.OptionsJson);
    }

    /// <summary>Loads a model from the bytes of its file.</summary>
    /// <param name="environment">The environment.</param>
    /// <param name="bytes">The file.</param>
    /// <param name="source">What messages call it.</param>
    /// <param name="batch">The largest batch that will be scored right after; 1 if unknown.</param>
    internal static ITransformer Load(IHostEnvironment environment, byte[] bytes, string source, int batch = 1)
    {
        var model = new OnnxModel(bytes, source, batch);
        try
        {
            return model.Frames is null
                ? new MsVitTransformer(environment, model)
                : new TransformerChain<ITransformer>(Frames(environment, model, source), new MsVitTransformer(environment, model));
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    private static EventsToFramesTransformer Frames(IHostEnvironment environment, OnnxModel model, string source)
    {
        var frames = new EventsToFramesTransformer(environment, model.Frames!);
        var input = model.Card.Input;
        int[] expected = [input.TimeSteps, input.Channels, input.Height, input.Width];
        return frames.Dimensions.SequenceEqual(expected) ? frames : throw new InvalidDataException(
            $"{source} is damaged or was modified: its recordings become frames [{string.Join(", ", frames.Dimensions)}], but its network "
            + $"takes [{string.Join(", ", expected)}]. {OnnxFile.ExportAgain}");
    }
}
