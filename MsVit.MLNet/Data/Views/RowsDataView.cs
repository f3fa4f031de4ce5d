using Microsoft.ML;

namespace MsVit.MLNet;

/// <summary>A data view over numbered rows: shuffles, knows its row count, and computes only the values that are asked for.</summary>
internal sealed class RowsDataView : IDataView
{
    private readonly int _rowCount;
    private readonly RowColumn[] _columns;

    public RowsDataView(int rowCount, params RowColumn[] columns)
    {
        _rowCount = rowCount;
        _columns = columns;
        var schema = new DataViewSchema.Builder();
        foreach (var column in columns)
        {
            schema.AddColumn(column.Name, column.Type);
        }
        Schema = schema.ToSchema();
    }

    public bool CanShuffle => true;

    public DataViewSchema Schema { get; }

    public long? GetRowCount() => _rowCount;

    /// <summary>A pass over the rows.</summary>
    /// <param name="columnsNeeded">The columns whose values may be asked for.</param>
    /// <param name="rand">If given, decides the order of the rows.</param>
    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        var active = new bool[_columns.Length];
        foreach (var column in columnsNeeded)
        {
            active[column.Index] = true;
        }
        return new RowsCursor(Schema, _columns, active, Order(rand));
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
        [GetRowCursor(columnsNeeded, rand)];

    private int[] Order(Random? rand)
    {
        var order = new int[_rowCount];
        for (var i = 0; i < order.Length; i++)
        {
            order[i] = i;
        }
        rand?.Shuffle(order);
        return order;
    }
}
