using Microsoft.ML;
using MsVit.MLNet.Data.Events;

namespace MsVit.Trainer.Data;

/// <summary>Samples that can be trained on or scored: columns Label and Image, or those of recordings.</summary>
/// <param name="Format">What they are stored as.</param>
/// <param name="View">The rows.</param>
/// <param name="Path">As the user wrote it.</param>
/// <param name="Sensor">The pixels of the camera where they had to be measured; else null.</param>
internal sealed record OpenedData(DataFormat Format, IDataView View, string Path, SensorSize? Sensor = null)
{
    /// <summary>Whether the rows are recordings.</summary>
    public bool IsEvents => Format == DataFormat.Events;

    /// <summary>What a row is called.</summary>
    public string Noun => IsEvents ? "recordings" : "images";

    /// <summary>The same data with at most so many rows, drawn at random; 0 for all.</summary>
    public OpenedData Limit(MLContext mlContext, int rows, int seed) => rows <= 0 || View.GetRowCount() <= rows
        ? this
        : this with { View = mlContext.Data.TakeRandomRows(View, rows, seed) };
}
