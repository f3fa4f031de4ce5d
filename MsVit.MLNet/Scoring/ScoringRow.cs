using Microsoft.ML;
using Microsoft.ML.Data;

namespace MsVit.MLNet;

/// <summary>One row with its prediction, which is computed on first use and kept until the row moves.</summary>
internal sealed class ScoringRow : DataViewRow
{
    private readonly DataViewRow _input;
    private readonly IScorer _model;
    private readonly InputBatch? _sample;
    private readonly HashSet<int> _active;
    private float[] _scores = [];
    private long _scored = long.MinValue;
    private bool _disposed;

    public ScoringRow(
        DataViewSchema schema, DataViewRow input, DataViewSchema.Column[] active, IScorer model, InputColumnReader? reader)
    {
        Schema = schema;
        _input = input;
        _model = model;
        _active = [.. active.Select(column => column.Index)];
        _sample = reader is null ? null : new InputBatch(reader, 1);
    }

    public override DataViewSchema Schema { get; }

    public override long Position => _input.Position;

    public override long Batch => _input.Batch;

    public override ValueGetter<DataViewRowId> GetIdGetter() => _input.GetIdGetter();

    public override bool IsColumnActive(DataViewSchema.Column column) => _active.Contains(column.Index);

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        if (column.Index < _input.Schema.Count)
        {
            return _input.GetGetter<TValue>(_input.Schema[column.Index]);
        }
        if (_sample is null)
        {
            throw new InvalidOperationException($"Column '{column.Name}' was not requested when this row was created.");
        }
        var classes = _model.Card.Labels.Count;
        ValueGetter<uint> predicted = (ref value) => value = ScoreReader.Predicted(Scores(), 0, classes, _sample.Faults[0]);
        ValueGetter<VBuffer<float>> score = (ref value) => ScoreReader.Score(Scores(), 0, classes, _sample.Faults[0], ref value);
        Delegate getter = column.Index == _input.Schema.Count ? predicted : score;
        return getter as ValueGetter<TValue> ?? throw ColumnTypes.Mismatch<TValue>(column);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _disposed = true;
            _input.Dispose();
        }
        base.Dispose(disposing);
    }

    private float[] Scores()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        _model.ThrowIfDisposed();
        if (_scored == Position)
        {
            return _scores;
        }
        _sample!.Clear();
        _sample.Capture();
        _sample.Fit(1);
        InputFault.Check(_sample.Faults[0], _model.Undecodable);
        _scores = _model.Score(_sample.Samples, _sample.Shape, 1);
        _scored = Position;
        return _scores;
    }
}
