using Microsoft.ML;
using Microsoft.ML.Data;

namespace MsVit.MLNet;

/// <summary>Some rows of another view, in its order; of the others nothing is computed.</summary>
internal sealed class ChosenRowsDataView(IDataView source, bool[] chosen) : IDataView
{
    private readonly long _count = chosen.LongCount(row => row);

    /// <summary>So many rows, each as likely as any other.</summary>
    /// <param name="source">The rows to choose from; they come in the same order at every pass.</param>
    /// <param name="count">1 to the number of rows.</param>
    /// <param name="seed">Which choice.</param>
    public static ChosenRowsDataView Random(IDataView source, int count, ulong seed)
    {
        var order = Enumerable.Range(0, checked((int)(source.GetRowCount() ?? Count(source)))).ToArray();
        RandomStream.For(RandomPurpose.Subset, seed, 0, 0).Shuffle<int>(order);
        var chosen = new bool[order.Length];
        foreach (var row in order.AsSpan(0, Math.Min(count, order.Length)))
        {
            chosen[row] = true;
        }
        return new(source, chosen);
    }

    // Passes over its source that skip rows do so in their order.
    public bool CanShuffle => false;

    public DataViewSchema Schema => source.Schema;

    public long? GetRowCount() => _count;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) =>
        new Cursor(source.GetRowCursor(columnsNeeded), chosen);

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
        [GetRowCursor(columnsNeeded)];

    private static long Count(IDataView source)
    {
        using var cursor = source.GetRowCursor([]);
        var rows = 0L;
        while (cursor.MoveNext())
        {
            rows++;
        }
        return rows;
    }

    private sealed class Cursor(DataViewRowCursor rows, bool[] chosen) : DataViewRowCursor
    {
        private long _position = -1;

        public override long Position => _position;

        public override long Batch => rows.Batch;

        public override DataViewSchema Schema => rows.Schema;

        public override bool MoveNext()
        {
            while (rows.MoveNext())
            {
                if (rows.Position < chosen.Length && chosen[rows.Position])
                {
                    _position++;
                    return true;
                }
            }
            _position = -1;
            return false;
        }

        public override bool IsColumnActive(DataViewSchema.Column column) => rows.IsColumnActive(column);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => rows.GetGetter<TValue>(column);

        public override ValueGetter<DataViewRowId> GetIdGetter() => rows.GetIdGetter();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                rows.Dispose();
            }
            base.Dispose(disposing);
        }
    }
}
