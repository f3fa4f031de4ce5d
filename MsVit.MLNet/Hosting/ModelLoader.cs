using System.Security.Cryptography;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;
using MsVit.MLNet.Events;

namespace MsVit.MLNet.Hosting;

/// <summary>Loads a model file for serving.</summary>
internal static class ModelLoader
{
    private const int VersionDigits = 12;

    /// <summary>Loads a model and warms it up.</summary>
    /// <param name="path">The file. It is read only once, so the hash is that of the loaded bytes.</param>
    /// <param name="options">How the model is served.</param>
    /// <exception cref="InvalidDataException">The model cannot be loaded or served; the message says why.</exception>
    /// <exception cref="IOException">The file does not exist or cannot be read.</exception>
    public static ServedModel Load(string path, MsVitServingOptions options)
    {
        var bytes = Read(path);
        // The first hash of a process loads OpenSSL.
        var hash = Task.Run(() => SHA256.HashData(bytes));
        var context = new MLContext();
        var pipeline = Load(context, bytes, path, options.MaxBatchSize);
        IScorer? moved = null;
        try
        {
            var parts = TakeApart(pipeline, path);
            var trained = parts.Model;
            var input = trained.Scorer.Card.Input;
            if (!input.IsFrames && (input.Channels is not (1 or 3) || input.PixelRange != byte.MaxValue))
            {
                throw new InvalidDataException(
                    $"{path} was trained on vectors of {input.Channels} channels with values up to {input.PixelRange}; "
                    + "serving supports only images of bytes. Train on images or encoded bytes.");
            }
            moved = trained.Scorer is OnnxModel onnx ? OnCpu(onnx, path, options.Device) : OnDevice(trained.Model, options.Device);
            var info = new ServedModelInfo
            {
                Version = Convert.ToHexStringLower(hash.GetAwaiter().GetResult())[..VersionDigits],
                Path = path,
                LoadedAt = DateTimeOffset.UtcNow,
                Labels = trained.Labels,
                Network = trained.Network,
                ImageFit = input.Fit,
                CropShare = input.CropShare,
                HasInsight = moved is not OnnxModel { HasInsight: false },
                ParameterCount = trained.ParameterCount,
                TrainingSummary = trained.TrainingSummary,
            };
            var frames = parts.Before.OfType<EventsToFramesTransformer>().SingleOrDefault()?.Source;
            var served = new ServedModel(moved, frames, info, options.MaxPixels);
            served.WarmUp(options.MaxBatchSize);
            return served;
        }
        catch
        {
            // Once the network has moved, the pipeline no longer owns it.
            ((IDisposable?)moved ?? pipeline as IDisposable)?.Dispose();
            throw;
        }
    }

    private static byte[] Read(string path)
    {
        // The file may be replaced meanwhile. On Windows, whoever replaces it has to wait until it is read.
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return bytes;
    }

    private static ITransformer Load(MLContext context, byte[] bytes, string path, int batch)
    {
        if (OnnxModel.IsOnnx(path, bytes))
        {
            return MsVitOnnxCatalog.Load(CatalogUtils.GetEnvironment(context.Model), bytes, path, batch);
        }
        try
        {
            using var stream = new MemoryStream(bytes, writable: false);
            return context.Model.Load(stream, out _);
        }
        catch (Exception e) when (e is not OutOfMemoryException && e.GetBaseException() is not DllNotFoundException)
        {
            throw new InvalidDataException($"{path} cannot be loaded as a model: {e.GetBaseException().Message}", e);
        }
    }

    private static MsVitModel OnDevice(MsVitModel model, string name) =>
        model.MoveTo(TorchDevice.Choose(name, gpuDeviceId: null, fallbackToCpu: true).Device);

    private static OnnxModel OnCpu(OnnxModel model, string path, string device) => device is "auto" or "cpu"
        ? model
        : throw new InvalidOperationException(
            $"{path} is an ONNX model, which runs on the CPU, but Device is '{device}'. Set Device to \"auto\", or serve the model that "
            + "it was exported from.");

    private static MsVitPipeline TakeApart(ITransformer pipeline, string path)
    {
        try
        {
            var parts = MsVitPipeline.Of(pipeline, path);
            return parts.Before.FirstOrDefault(step => !IsKnown(step)) is not { } unknown ? parts : throw new InvalidDataException(
                $"{path} has the step {unknown.GetType().Name} before the network, which serving does not run. "
                + "Train on the original images: the trainer resizes and normalizes them.");
        }
        catch (ArgumentException e)
        {
            throw new InvalidDataException(e.Message, e);
        }
    }

    // Requests go straight to the network, past the pipeline, so no step before it may change what it sees.
    private static bool IsKnown(ITransformer step) => step
        is EventsToFramesTransformer or ImageLoadingTransformer or ValueToKeyMappingTransformer or KeyToValueMappingTransformer
        or ColumnCopyingTransformer or ColumnSelectingTransformer;
}
