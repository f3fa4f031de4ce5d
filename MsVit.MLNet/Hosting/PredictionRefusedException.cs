namespace MsVit.MLNet.Hosting;

/// <summary>Why a request was refused.</summary>
public enum PredictionRefusal
{
    /// <summary>Too many requests are waiting, or this one would wait too long. A later attempt may succeed.</summary>
    Overloaded,

    /// <summary>The request was accepted, but not computed before its deadline.</summary>
    DeadlineExceeded,

    /// <summary>No model is loaded: the host has not started or has stopped.</summary>
    NotRunning,
}

/// <summary>The server refused a request that may be valid; see <see cref="Refusal"/>.</summary>
public sealed class PredictionRefusedException : InvalidOperationException
{
    /// <summary>Creates the exception without a reason.</summary>
    public PredictionRefusedException()
        : this("The request was refused.")
    {
    }

    /// <summary>Creates the exception without a reason.</summary>
    /// <param name="message">What happened, and what to do.</param>
    public PredictionRefusedException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception without a reason.</summary>
    /// <param name="message">What happened, and what to do.</param>
    /// <param name="innerException">The cause.</param>
    public PredictionRefusedException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="refusal">The reason.</param>
    /// <param name="message">What happened, and what to do.</param>
    /// <param name="retryAfter">After which time another attempt may succeed; null if unknown.</param>
    public PredictionRefusedException(PredictionRefusal refusal, string message, TimeSpan? retryAfter = null)
        : base(message) => (Refusal, RetryAfter) = (refusal, retryAfter);

    /// <summary>The reason.</summary>
    public PredictionRefusal Refusal { get; }

    /// <summary>After which time another attempt may succeed; null if unknown.</summary>
    public TimeSpan? RetryAfter { get; }
}
