using Microsoft.ML;
using Microsoft.ML.Data;
using MsVit.MLNet;
using MsVit.Trainer.Data;
using MsVit.Trainer.Ranks;

namespace MsVit.Trainer.Runs;

/// <summary>
/// The scored rows that can be evaluated: those with a label that the model knows, and an input that could be read. The others, and the
/// worst mistakes, are noted as the rows pass by.
/// </summary>
/// <remarks>Each pass notes anew.</remarks>
internal sealed class ScoredRows : IDataView
{
    private readonly OpenedData _data;
    private readonly SharedScores? _shared;
    private readonly IDataView _scored;
    private readonly DataViewSchema.Column _label;
    private readonly DataViewSchema.Column _score;
    private readonly int _mostMistakes;
    private readonly List<SkippedRow> _skipped = [];
    private readonly Dictionary<string, int> _unknown = [];
    private readonly PriorityQueue<Mistake, float> _worst = new();

    /// <param name="pipeline">The trained pipeline.</param>
    /// <param name="data">The set.</param>
    /// <param name="mostMistakes">How many mistakes to note.</param>
    /// <param name="shared">The scores, if they are known; null to compute them.</param>
    /// <exception cref="InvalidDataException">The scored rows have no key column Label.</exception>
    public ScoredRows(MsVitPipeline pipeline, OpenedData data, int mostMistakes, SharedScores? shared = null)
    {
        (_data, _shared) = (data, shared);
        _scored = pipeline.Score(data.View, _skipped.Add);
        _mostMistakes = mostMistakes;
        _score = _scored.Schema[pipeline.Model.Scorer.Card.Columns.Score];
        _label = _scored.Schema.GetColumnOrNull("Label") is { Type: KeyDataViewType } label ? label : throw new InvalidDataException(
            "The scored rows have no key column Label: the model was saved without MapValueToKey(\"Label\").");
    }

    /// <summary>Rows that were passed on.</summary>
    public long Count { get; private set; }

    /// <summary>Rows that were left out because their label is not a class of the model.</summary>
    public long UnknownLabels { get; private set; }

    /// <summary>The names of those labels, the most frequent first; empty if the data does not hold them as text.</summary>
    public IReadOnlyList<string> UnknownNames =>
        [.. _unknown.OrderByDescending(name => name.Value).ThenBy(name => name.Key, StringComparer.Ordinal).Select(name => name.Key)];

    /// <summary>Rows that were left out because their image or recording could not be read.</summary>
    public UnreadableRows Unreadable() => _shared?.Unreadable ?? UnreadableRows.Of(_data, _skipped);

    /// <summary>The wrong predictions with the highest probability, worst first.</summary>
    public IReadOnlyList<Mistake> Mistakes =>
    [
        .. _worst.UnorderedItems.Select(item => item.Element)
            .OrderByDescending(mistake => mistake.Probability).ThenBy(mistake => mistake.Row),
    ];

    public bool CanShuffle => false;

    public DataViewSchema Schema => _scored.Schema;

    public long? GetRowCount() => null;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        (Count, UnknownLabels) = (0, 0);
        _skipped.Clear();
        _unknown.Clear();
        _worst.Clear();
        // MapValueToKey hides the column of text that it replaces; it is still there.
        var name = Schema.Where(column => column.Name == _label.Name && column.Type is TextDataViewType)
            .Select(column => (DataViewSchema.Column?)column).LastOrDefault();
        var own = new[] { _label, _score, name, InputPath.In(Schema) }.OfType<DataViewSchema.Column>();
        // Nothing is computed for a column that nobody reads.
        var read = columnsNeeded.Concat(own).DistinctBy(column => column.Index)
            .Where(column => _shared is null || column.Index != _score.Index);
        return new Cursor(this, _scored.GetRowCursor(read), name);
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
        [GetRowCursor(columnsNeeded)];

    private void Note(long row, string? file, int truth, VBuffer<float> score)
    {
        var values = score.DenseValues().ToArray();
        var predicted = Array.IndexOf(values, values.Max());
        if (predicted != truth && _mostMistakes > 0)
        {
            var mistake = new Mistake(row, file, truth, predicted, values[predicted]);
            if (_worst.Count < _mostMistakes)
            {
                _worst.Enqueue(mistake, mistake.Probability);
            }
            else
            {
                _worst.EnqueueDequeue(mistake, mistake.Probability);
            }
        }
        Count++;
    }

    private sealed class Cursor : DataViewRowCursor
    {
        private readonly ScoredRows _rows;
        private readonly DataViewRowCursor _source;
        private readonly Func<int> _label;
        private readonly ValueGetter<VBuffer<float>> _score;
        private readonly ValueGetter<ReadOnlyMemory<char>>? _name;
        private readonly ValueGetter<ReadOnlyMemory<char>>? _path;
        private VBuffer<float> _values;

        public Cursor(ScoredRows rows, DataViewRowCursor source, DataViewSchema.Column? name)
        {
            (_rows, _source) = (rows, source);
            _label = KeyColumn.IndexReader(source, rows._label);
            _score = rows._shared is null ? source.GetGetter<VBuffer<float>>(rows._score) : ReadShared;
            _name = name is { } text ? source.GetGetter<ReadOnlyMemory<char>>(text) : null;
            _path = InputPath.In(source.Schema) is { } path ? source.GetGetter<ReadOnlyMemory<char>>(path) : null;
        }

        public override long Position => _source.Position;

        public override long Batch => _source.Batch;

        public override DataViewSchema Schema => _source.Schema;

        public override bool MoveNext()
        {
            while (_source.MoveNext())
            {
                _score(ref _values);
                if (_values.DenseValues().Any(float.IsNaN))
                {
                    continue;
                }
                if (_label() is >= 0 and var truth)
                {
                    _rows.Note(Position, Text(_path), truth, _values);
                    return true;
                }
                _rows.UnknownLabels++;
                if (Text(_name) is { } unknown)
                {
                    _rows._unknown[unknown] = _rows._unknown.GetValueOrDefault(unknown) + 1;
                }
            }
            return false;
        }

        public override bool IsColumnActive(DataViewSchema.Column column) => IsScore(column) || _source.IsColumnActive(column);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => IsScore(column)
            ? _score as ValueGetter<TValue>
                ?? throw new InvalidOperationException($"Column {column.Name} holds scores, not {typeof(TValue).Name}.")
            : _source.GetGetter<TValue>(column);

        public override ValueGetter<DataViewRowId> GetIdGetter() => _source.GetIdGetter();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                _source.Dispose();
            }
            base.Dispose(disposing);
        }

        private void ReadShared(ref VBuffer<float> score)
        {
            var values = _rows._shared!.Of(Position).ToArray();
            new VBuffer<float>(values.Length, values).CopyTo(ref score);
        }

        private bool IsScore(DataViewSchema.Column column) => column.Index == _rows._score.Index;

        private static string? Text(ValueGetter<ReadOnlyMemory<char>>? getter)
        {
            var text = default(ReadOnlyMemory<char>);
            getter?.Invoke(ref text);
            return getter is null ? null : text.ToString();
        }
    }
}

/// <summary>A wrong prediction.</summary>
/// <param name="Row">The row, from 0.</param>
/// <param name="File">Its file; null if the data has none.</param>
/// <param name="Truth">The true class, from 0.</param>
/// <param name="Predicted">The most probable class, from 0.</param>
/// <param name="Probability">Its probability.</param>
internal sealed record Mistake(long Row, string? File, int Truth, int Predicted, float Probability)
{
    /// <summary>The file, or the number of the row.</summary>
    public string Name => File ?? string.Create(System.Globalization.CultureInfo.InvariantCulture, $"row {Row}");
}
