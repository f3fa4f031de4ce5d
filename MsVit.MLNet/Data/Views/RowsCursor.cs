using Microsoft.ML;
using Microsoft.ML.Data;

namespace MsVit.MLNet;

/// <summary>One pass over the rows of a <see cref="RowsDataView"/>.</summary>
internal sealed class RowsCursor : DataViewRowCursor
{
    private const int Ended = -2;

    private readonly RowColumn[] _columns;
    private readonly bool[] _active;
    private readonly int[] _order;
    private int _position = -1;

    public RowsCursor(DataViewSchema schema, RowColumn[] columns, bool[] active, int[] order)
    {
        Schema = schema;
        _columns = columns;
        _active = active;
        _order = order;
    }

    public override DataViewSchema Schema { get; }

    public override long Position => Math.Max(_position, -1);

    public override long Batch => 0;

    private int Row => _position >= 0
        ? _order[_position]
        : throw new InvalidOperationException("The cursor is not on a row: call MoveNext, and read values only while it returns true.");

    public override bool MoveNext()
    {
        _position = _position + 1 < _order.Length && _position != Ended ? _position + 1 : Ended;
        return _position != Ended;
    }

    public override bool IsColumnActive(DataViewSchema.Column column) => _active[Column(column)];

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        var found = _columns[Column(column)];
        if (!_active[column.Index])
        {
            throw new ArgumentException($"Column '{found.Name}' was not among the columns that this cursor was opened for.",
                nameof(column));
        }
        return found.MakeGetter(() => Row) as ValueGetter<TValue>
            ?? throw new ArgumentException($"Column '{found.Name}' holds {found.Type.RawType}, not {typeof(TValue)}.", nameof(column));
    }

    public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) => id = new((ulong)Row, 0);

    private int Column(DataViewSchema.Column column) => column.Index < _columns.Length && _columns[column.Index].Name == column.Name
        ? column.Index
        : throw new ArgumentException($"Column '{column.Name}' (number {column.Index}) is not part of this data view.", nameof(column));
}
