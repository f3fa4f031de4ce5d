using System.Collections.Concurrent;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MsVit.MLNet;

/// <summary>Why rows could not be read, by the identity that a row keeps through all steps. Thread-safe.</summary>
/// <remarks>
/// ML.NET computes steps on threads of its own, on which an exception of one row ends the whole pass. So the value of such a row is empty,
/// and its reason is kept here.
/// </remarks>
internal sealed class RowFaults
{
    private readonly ConcurrentDictionary<DataViewRowId, Exception> _faults = new();

    /// <summary>The reason of a row; null if it has none.</summary>
    public Exception? Of(DataViewRowId row) => _faults.GetValueOrDefault(row);

    /// <summary>A getter that keeps the reason in place of throwing it, and then gives an empty value.</summary>
    /// <param name="row">The row or cursor that the getter reads.</param>
    /// <param name="getter">May throw.</param>
    /// <param name="empty">Makes an empty value; the former value may be reused.</param>
    public ValueGetter<TValue> Keeping<TValue>(DataViewRow row, ValueGetter<TValue> getter, ValueGetter<TValue> empty)
    {
        var identity = row.GetIdGetter();
        return (ref TValue value) =>
        {
            try
            {
                getter(ref value);
            }
            catch (Exception e) when (InputFault.IsOfRow(e))
            {
                DataViewRowId id = default;
                identity(ref id);
                _faults[id] = e;
                empty(ref value);
            }
        };
    }
}
