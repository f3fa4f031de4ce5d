using Microsoft.ML.Data;

namespace MsVit.MLNet.Hosting;

/// <summary>Classifies images or recordings with a served model. Any number of threads may use it; requests that come together are computed together.</summary>
/// <remarks>Every method throws <see cref="PredictionRefusedException"/> where a request is not served: overload, deadline, start and end of the application.</remarks>
public interface IMsVitPredictor
{
    /// <summary>The model that new requests go to.</summary>
    /// <exception cref="PredictionRefusedException">None is loaded: the host has not started.</exception>
    ServedModelInfo Model { get; }

    /// <summary>What a request would be refused with now; null where it would be accepted. A server asks this first, for a thrown exception costs more than a refusal should.</summary>
    PredictionRefusedException? Refusal { get; }

    /// <summary>Classifies an encoded image.</summary>
    /// <param name="image">A PNG, JPEG, BMP, GIF or WebP file; not to be changed before the answer is there.</param>
    /// <param name="settings">What to answer; null for the five likeliest classes.</param>
    /// <param name="cancellationToken">Gives the request up, also while it waits.</param>
    /// <exception cref="UndecodableImageException">It is no image that can be decoded, or too large a one.</exception>
    /// <exception cref="NotSupportedException">The model takes recordings.</exception>
    Task<MsVitPrediction> PredictAsync(ReadOnlyMemory<byte> image, PredictionSettings? settings = null, CancellationToken cancellationToken = default);

    /// <summary>Classifies a decoded image, which stays the caller's.</summary>
    /// <param name="image">Not to be disposed of before the answer is there.</param>
    /// <param name="settings">What to answer; null for the five likeliest classes.</param>
    /// <param name="cancellationToken">Gives the request up, also while it waits.</param>
    /// <exception cref="NotSupportedException">The model takes recordings.</exception>
    Task<MsVitPrediction> PredictAsync(MLImage image, PredictionSettings? settings = null, CancellationToken cancellationToken = default);

    /// <summary>Classifies a recording of an event camera.</summary>
    /// <param name="clip">The recording.</param>
    /// <param name="settings">What to answer; null for the five likeliest classes.</param>
    /// <param name="cancellationToken">Gives the request up, also while it waits.</param>
    /// <exception cref="Events.EventFormatException">It cannot be read, or does not fit the model; the message names the place.</exception>
    /// <exception cref="NotSupportedException">The model takes images, or was saved without the step that makes frames.</exception>
    Task<MsVitPrediction> PredictAsync(EventClip clip, PredictionSettings? settings = null, CancellationToken cancellationToken = default);
}
