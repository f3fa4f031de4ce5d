using Microsoft.ML.Data;

namespace MsVit.MLNet;

/// <summary>Consecutive rows, with their values fitted to the network's input.</summary>
internal sealed class RowBatch(int capacity)
{
    /// <summary>How many rows there are; less than the capacity only at the end of the data.</summary>
    public int Count { get; set; }

    /// <summary>Each row's position in the data.</summary>
    public long[] Positions { get; } = new long[capacity];

    /// <summary>Each row's batch number, as the source gives it.</summary>
    public long[] Batches { get; } = new long[capacity];

    /// <summary>Each row's identity.</summary>
    public DataViewRowId[] Ids { get; } = new DataViewRowId[capacity];

    /// <summary>The inputs; null if no scores are requested.</summary>
    public InputBatch? Inputs { get; set; }

    /// <summary>The probabilities, [rows, classes]; null until they are computed.</summary>
    public float[]? Scores { get; set; }
}
