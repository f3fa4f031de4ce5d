namespace MsVit.MLNet.Hosting;

/// <summary>A request was not served, for a reason that does not lie in what was sent.</summary>
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
    /// <param name="innerException">The error underneath.</param>
    public PredictionRefusedException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="refusal">Why.</param>
    /// <param name="message">What happened, and what to do.</param>
    /// <param name="retryAfter">When another attempt may succeed, where that is known.</param>
    public PredictionRefusedException(PredictionRefusal refusal, string message, TimeSpan? retryAfter = null)
        : base(message) => (Refusal, RetryAfter) = (refusal, retryAfter);

    /// <summary>Why.</summary>
    public PredictionRefusal Refusal { get; }

    /// <summary>When another attempt may succeed; null where that is not known.</summary>
    public TimeSpan? RetryAfter { get; }
}
