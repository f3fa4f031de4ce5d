namespace MsVit.MLNet;

/// <summary>What computes the scores of a trained model: torch's network, or an ONNX model in ONNX Runtime.</summary>
/// <remarks>Thread-safe: scoring does not change the model.</remarks>
internal interface IScorer : IDisposable
{
    /// <summary>
    /// The multiply-accumulates of a batch that are worth a second thread. A smaller batch gains little from one, and loses much where
    /// other processes use the cores: threads wait for each other at each of some hundred operations.
    /// </summary>
    const long WorthThreads = 200_000_000;

    /// <summary>The description of the model.</summary>
    ModelCard Card { get; }

    /// <summary>What to do with an input that cannot be read; at first what the description says.</summary>
    UndecodableImagePolicy Undecodable { get; set; }

    /// <summary>The probability of each class for each sample.</summary>
    /// <param name="samples">[B, C, H, W], or frames [B, T, C, H, W], as bytes or floats.</param>
    /// <param name="shape">The shape of one sample.</param>
    /// <param name="count">B.</param>
    /// <returns>[B, classes], row after row; each row sums to 1.</returns>
    /// <exception cref="ObjectDisposedException">The model was disposed.</exception>
    float[] Score(ReadOnlySpan<byte> samples, SampleShape shape, int count);

    /// <summary>Gives ONNX Runtime at most so many threads, 1 or more; torch's threads are limited by <see cref="TorchThreads"/>.</summary>
    void LimitThreads(int most);

    /// <summary>Says who may have disposed the model.</summary>
    /// <exception cref="ObjectDisposedException">The model was disposed.</exception>
    void ThrowIfDisposed();

    /// <summary>The error of a model that was disposed.</summary>
    static ObjectDisposedException Disposed() => new(
        nameof(MsVitTransformer),
        "The model was disposed. Besides Dispose, a prediction engine disposes its model unless "
        + "PredictionEngineOptions.OwnsTransformer is false. Load the model again, or dispose it later.");
}
