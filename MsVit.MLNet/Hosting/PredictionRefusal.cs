namespace MsVit.MLNet.Hosting;

/// <summary>Why a request is not served.</summary>
public enum PredictionRefusal
{
    /// <summary>Too many requests wait, or this one would wait too long. Another attempt later may succeed.</summary>
    Overloaded,

    /// <summary>It was accepted, and not computed before its deadline.</summary>
    DeadlineExceeded,

    /// <summary>No model is loaded: the host has not started, or has stopped.</summary>
    NotRunning,
}
