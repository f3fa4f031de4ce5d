namespace MsVit.MLNet.Sweep;

/// <summary>How a parameter of a search space varies.</summary>
public enum SearchKind
{
    /// <summary>One of a few values without order.</summary>
    Choice,

    /// <summary>Whole numbers from one to another.</summary>
    UniformInt,

    /// <summary>Real numbers from one to another, each as likely.</summary>
    Uniform,

    /// <summary>Real numbers whose logarithms are each as likely: for rates.</summary>
    LogUniform,
}
