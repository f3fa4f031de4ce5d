namespace MsVit.MLNet.Sweep;

/// <summary>How a sweep ends trials that promise too little.</summary>
public enum PrunerKind
{
    /// <summary>One whose best accuracy is below the median of the others' at the same epoch, from the third on and once four trials are complete.</summary>
    Median,

    /// <summary>Asynchronous successive halving: at epochs 2, 4, 8, ... the better half goes on.</summary>
    SuccessiveHalving,

    /// <summary>All trials run to their end.</summary>
    None,
}
