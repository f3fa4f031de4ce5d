namespace MsVit.MLNet.Sweep;

/// <summary>How a sweep chooses what to try.</summary>
public enum SamplerKind
{
    /// <summary>Tree-structured Parzen estimators, which learn from the trials so far; the first ten are drawn at random.</summary>
    Tpe,

    /// <summary>Every combination once.</summary>
    Grid,

    /// <summary>At random.</summary>
    Random,
}
