using Microsoft.ML.Data;

namespace MsVit.MLNet;

/// <summary>A row without a score, because its image or recording could not be read.</summary>
/// <param name="Row">The row's position in the data, from 0.</param>
/// <param name="Fault">The reason; its source is the row and, if known, the file. The inner exception, if any, is the first error.</param>
internal readonly record struct SkippedRow(long Row, UndecodableImageException Fault);

/// <summary>Reports rows that are skipped when a cursor reaches them.</summary>
/// <param name="faults">The reasons that the steps before the model kept.</param>
/// <param name="listener">Called for each row, in order.</param>
internal sealed class SkippedRows(RowFaults faults, Action<SkippedRow> listener)
{
    /// <summary>Reports a row.</summary>
    /// <param name="row">Its position.</param>
    /// <param name="id">Its identity.</param>
    /// <param name="fault">What is wrong with the input that the model got.</param>
    public void Report(long row, DataViewRowId id, UndecodableImageException fault)
    {
        var first = faults.Of(id);
        listener(new(row, first is null ? fault : InputFault.Of(fault.ImageSource ?? "", first)));
    }
}
