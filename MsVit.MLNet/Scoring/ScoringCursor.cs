using Microsoft.ML;
using Microsoft.ML.Data;

namespace MsVit.MLNet;

/// <summary>Serves rows one by one, but reads, decodes and scores them in batches.</summary>
/// <remarks>While one batch is scored and served, the next is read and decoded on another thread.</remarks>
internal sealed class ScoringCursor : DataViewRowCursor
{
    private readonly DataViewRowCursor _input;
    private readonly IScorer _model;
    private readonly HashSet<int> _active;
    private readonly Dictionary<int, BufferedColumn> _columns = [];
    private readonly ValueGetter<DataViewRowId> _idGetter;
    private readonly SkippedRows? _skipped;
    private RowBatch _serving;
    private RowBatch _spare;
    private Task<RowBatch>? _reading;
    private int _slot = -1;
    private bool _ended;
    private bool _inputEnded;
    private bool _disposed;

    public ScoringCursor(
        DataViewSchema schema,
        DataViewRowCursor input,
        DataViewSchema.Column[] active,
        IScorer model,
        InputColumnReader? reader,
        SkippedRows? skipped)
    {
        _skipped = skipped;
        Schema = schema;
        _input = input;
        _model = model;
        _active = [.. active.Select(column => column.Index)];
        _idGetter = input.GetIdGetter();
        foreach (var index in _active.Where(index => index < input.Schema.Count))
        {
            _columns[index] = BufferedColumn.Of(input, input.Schema[index], ScoringView.BatchSize);
        }
        _serving = NewBatch(reader);
        _spare = NewBatch(reader);
    }

    public override DataViewSchema Schema { get; }

    public override long Position => _slot < 0 || _ended ? -1 : _serving.Positions[_slot];

    public override long Batch => _slot < 0 || _ended ? -1 : _serving.Batches[_slot];

    public override bool IsColumnActive(DataViewSchema.Column column) => _active.Contains(column.Index);

    public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) => id = _serving.Ids[CurrentSlot()];

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        if (!IsColumnActive(column))
        {
            throw new InvalidOperationException($"Column '{column.Name}' was not requested when this cursor was created.");
        }
        var classes = _model.Card.Labels.Count;
        ValueGetter<uint> predicted = (ref value) => value = ScoreReader.Predicted(Scores(), _slot, classes, Fault());
        ValueGetter<VBuffer<float>> score = (ref value) => ScoreReader.Score(Scores(), _slot, classes, Fault(), ref value);
        var getter = (column.Index - _input.Schema.Count) switch
        {
            0 => predicted,
            1 => score,
            _ => _columns[column.Index].Getter(CurrentSlot),
        };
        return getter as ValueGetter<TValue> ?? throw ColumnTypes.Mismatch<TValue>(column);

        UndecodableImageException? Fault() => _serving.Inputs!.Faults[_slot];
    }

    public override bool MoveNext()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_ended || !Advance())
        {
            return false;
        }
        if (_skipped is not null && _serving.Inputs?.Faults[_slot] is { } fault)
        {
            _skipped.Report(_serving.Positions[_slot], _serving.Ids[_slot], fault);
        }
        return true;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && !_disposed)
        {
            // The reading task uses the input until it ends; its errors no longer matter.
            ((IAsyncResult?)_reading)?.AsyncWaitHandle.WaitOne();
            _ = _reading?.Exception;
            _reading = null;
            _ended = true;
            _disposed = true;
            _input.Dispose();
        }
        base.Dispose(disposing);
    }

    private bool Advance()
    {
        if (_slot + 1 < _serving.Count)
        {
            _slot++;
            return true;
        }
        var next = (_reading ?? Task.Run(() => Read(_spare))).GetAwaiter().GetResult();
        _reading = null;
        if (next.Count == 0)
        {
            _ended = true;
            return false;
        }
        (_serving, _spare) = (next, _serving);
        foreach (var column in _columns.Values)
        {
            column.Swap();
        }
        _slot = 0;
        var spare = _spare;
        _reading = Task.Run(() => Read(spare));
        return true;
    }

    private static RowBatch NewBatch(InputColumnReader? reader) =>
        new(ScoringView.BatchSize) { Inputs = reader is null ? null : new InputBatch(reader, ScoringView.BatchSize) };

    private int CurrentSlot()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return _slot >= 0 && !_ended
            ? _slot
            : throw new InvalidOperationException("The cursor is not on a row: it is before the first or after the last.");
    }

    // Computed when the first score of a batch is requested, so that merely counting rows costs no forward pass.
    private float[] Scores()
    {
        CurrentSlot();
        return _serving.Scores ??= _model.Score(_serving.Inputs!.Samples, _serving.Inputs.Shape, _serving.Count);
    }

    private RowBatch Read(RowBatch batch)
    {
        batch.Count = 0;
        batch.Scores = null;
        batch.Inputs?.Clear();
        while (batch.Count < ScoringView.BatchSize && !_inputEnded)
        {
            if (!InputFault.MoveNext(_input))
            {
                _inputEnded = true;
                break;
            }
            var slot = batch.Count++;
            batch.Positions[slot] = _input.Position;
            batch.Batches[slot] = _input.Batch;
            _idGetter(ref batch.Ids[slot]);
            foreach (var column in _columns.Values)
            {
                column.Read(slot);
            }
            batch.Inputs?.Capture();
        }
        if (batch.Inputs is { } captured)
        {
            captured.Fit(Environment.ProcessorCount);
            for (var slot = 0; slot < batch.Count && _skipped is null; slot++)
            {
                InputFault.Check(captured.Faults[slot], _model.Undecodable);
            }
        }
        return batch;
    }
}
