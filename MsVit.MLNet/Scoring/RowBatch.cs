using Microsoft.ML.Data;

namespace MsVit.MLNet;

/// <summary>Some consecutive rows with their images brought to the network's input.</summary>
internal sealed class RowBatch(int capacity)
{
    /// <summary>How many rows there are; fewer than the capacity only at the end of the data.</summary>
    public int Count { get; set; }

    /// <summary>Each row's position in the data.</summary>
    public long[] Positions { get; } = new long[capacity];

    /// <summary>Each row's batch number, as the source says.</summary>
    public long[] Batches { get; } = new long[capacity];

    /// <summary>Each row's identity.</summary>
    public DataViewRowId[] Ids { get; } = new DataViewRowId[capacity];

    /// <summary>The images; null where none are asked for.</summary>
    public ImageBatch? Images { get; set; }

    /// <summary>The probabilities, [rows, classes]; null until they are computed.</summary>
    public float[]? Scores { get; set; }
}
