using Microsoft.ML.Data;

namespace MsVit.MLNet.Hosting;

/// <summary>Classifies images or recordings with a served model. Thread-safe; concurrent requests are batched.</summary>
/// <remarks>
/// Every method throws <see cref="PredictionRefusedException"/> if a request is refused: the server is overloaded, the deadline passed,
/// or the application is starting or stopping. After the application was disposed, every member throws
/// <see cref="ObjectDisposedException"/>.
/// </remarks>
public interface IMsVitPredictor
{
    /// <summary>The model that serves new requests.</summary>
    /// <exception cref="PredictionRefusedException">No model is loaded: the host has not started.</exception>
    ServedModelInfo Model { get; }

    /// <summary>
    /// The exception that a request would get now; null if it would be accepted. A busy server should check this first, since throwing an
    /// exception is costly.
    /// </summary>
    PredictionRefusedException? Refusal { get; }

    /// <summary>Classifies an encoded image.</summary>
    /// <param name="image">A PNG, JPEG, BMP, GIF or WebP file. Do not change the bytes before the prediction has completed.</param>
    /// <param name="settings">What to return; null for the five most likely classes.</param>
    /// <param name="cancellationToken">Cancels the request, even while it waits.</param>
    /// <exception cref="UndecodableImageException">The image cannot be decoded, or is too large.</exception>
    /// <exception cref="NotSupportedException">The model takes recordings.</exception>
    Task<MsVitPrediction> PredictAsync(
        ReadOnlyMemory<byte> image, PredictionSettings? settings = null, CancellationToken cancellationToken = default);

    /// <summary>Classifies a decoded image.</summary>
    /// <param name="image">The image. It remains the caller's; do not dispose it before the prediction has completed.</param>
    /// <param name="settings">What to return; null for the five most likely classes.</param>
    /// <param name="cancellationToken">Cancels the request, even while it waits.</param>
    /// <exception cref="NotSupportedException">The model takes recordings.</exception>
    Task<MsVitPrediction> PredictAsync(MLImage image, PredictionSettings? settings = null, CancellationToken cancellationToken = default);

    /// <summary>Classifies a recording of an event camera.</summary>
    /// <param name="clip">The recording.</param>
    /// <param name="settings">What to return; null for the five most likely classes.</param>
    /// <param name="cancellationToken">Cancels the request, even while it waits.</param>
    /// <exception cref="Events.EventFormatException">The clip is malformed or does not fit the model; the message says where.</exception>
    /// <exception cref="NotSupportedException">The model takes images, or was saved without EventsToFrames.</exception>
    Task<MsVitPrediction> PredictAsync(EventClip clip, PredictionSettings? settings = null, CancellationToken cancellationToken = default);
}
