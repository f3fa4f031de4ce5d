using Microsoft.ML;
using Microsoft.ML.Data;

namespace MsVit.Trainer.Runs;

/// <summary>Rows of one or two views of the same columns, one after the other, with the vectors of a teacher as a further column.</summary>
internal sealed class TaughtRows : IDataView
{
    /// <summary>The name of the teacher's column.</summary>
    public const string Column = "Teacher";

    private readonly IDataView[] _parts;
    private readonly Func<long, float[]>? _vector;

    /// <param name="parts">The views.</param>
    /// <param name="width">Values per vector.</param>
    /// <param name="vector">The vector of a row, numbered through all views; null to leave the column out.</param>
    public TaughtRows(IDataView[] parts, int width, Func<long, float[]>? vector)
    {
        (_parts, _vector) = (parts, vector);
        var schema = new DataViewSchema.Builder();
        schema.AddColumns(parts[0].Schema);
        if (vector is not null)
        {
            schema.AddColumn(Column, new VectorDataViewType(NumberDataViewType.Single, width));
        }
        Schema = schema.ToSchema();
    }

    public bool CanShuffle => false;

    public DataViewSchema Schema { get; }

    public long? GetRowCount() => _parts.Select(part => part.GetRowCount()).Aggregate((long?)0, (sum, count) => sum + count);

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) =>
        new Cursor(this, [.. columnsNeeded.Select(column => column.Index)]);

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
        [GetRowCursor(columnsNeeded)];

    private sealed class Cursor : DataViewRowCursor
    {
        private readonly TaughtRows _rows;
        private readonly HashSet<int> _active;
        private readonly DataViewRowCursor[] _parts;
        private int _part;
        private long _position = -1;

        public Cursor(TaughtRows rows, HashSet<int> active)
        {
            (_rows, _active) = (rows, active);
            _parts = [.. rows._parts.Select(part => part.GetRowCursor(part.Schema.Where(column => active.Contains(column.Index))))];
        }

        public override long Position => _position;

        public override long Batch => 0;

        public override DataViewSchema Schema => _rows.Schema;

        public override bool MoveNext()
        {
            for (; _part < _parts.Length; _part++)
            {
                if (_parts[_part].MoveNext())
                {
                    _position++;
                    return true;
                }
            }
            _position = -1;
            return false;
        }

        public override bool IsColumnActive(DataViewSchema.Column column) => _active.Contains(column.Index);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            if (column.Index == _rows._parts[0].Schema.Count)
            {
                return (ValueGetter<TValue>)(Delegate)(ValueGetter<VBuffer<float>>)Vector;
            }
            var getters = _parts.Select(part => part.GetGetter<TValue>(part.Schema[column.Index])).ToArray();
            return (ref TValue value) => getters[_part](ref value);
        }

        public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId value) => value = new((ulong)_position, 0);

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                Array.ForEach(_parts, part => part.Dispose());
            }
            base.Dispose(disposing);
        }

        private void Vector(ref VBuffer<float> value)
        {
            var vector = _rows._vector!(_position);
            value = new(vector.Length, vector);
        }
    }
}
