using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Model.OnnxConverter;

namespace MsVit.MLNet;

/// <summary>Data with the two score columns appended: scored in batches for cursors, row by row for a prediction engine.</summary>
/// <remarks>
/// ML.NET's <c>ConvertToOnnx</c> walks back from the last step of a pipeline and leaves out, without an error, everything before the first
/// view that is not an <see cref="ITransformCanSaveOnnx"/>. This view is one, so that it is asked and can refuse.
/// </remarks>
internal sealed class ScoringView : IRowToRowMapper, ITransformCanSaveOnnx
{
    /// <summary>How many rows are scored together.</summary>
    internal const int BatchSize = 32;

    private readonly IDataView? _source;
    private readonly IScorer _model;
    private readonly InputColumn _input;
    private readonly SkippedRows? _skipped;

    /// <summary>Binds a model to data, or to a schema alone.</summary>
    /// <param name="input">The columns.</param>
    /// <param name="source">The rows; null for the columns alone.</param>
    /// <param name="model">The model.</param>
    /// <param name="skipped">
    /// Receives the rows whose input cannot be read: such a row has missing scores, whatever the model's policy. Null (the default) for
    /// that policy, without a report.
    /// </param>
    /// <exception cref="ArgumentException">The schema has no input column that fits the model.</exception>
    public ScoringView(DataViewSchema input, IDataView? source, IScorer model, SkippedRows? skipped = null)
    {
        InputSchema = input;
        _source = source;
        _model = model;
        _skipped = skipped;
        _input = FindInput(input, model.Card);
        Schema = model.Card.Columns.AddTo(input, model.Card.Labels);
    }

    /// <inheritdoc/>
    public bool CanShuffle => false;

    /// <inheritdoc/>
    public DataViewSchema Schema { get; }

    /// <inheritdoc/>
    public DataViewSchema InputSchema { get; }

    /// <inheritdoc/>
    public DataViewSchema OutputSchema => Schema;

    /// <summary>The index of the predicted label; the score follows it.</summary>
    private int PredictedIndex => InputSchema.Count;

    // Only a conversion that passes over this step asks, because a later step cannot be exported.
    IDataView IDataTransform.Source => throw NoOnnx();

    /// <inheritdoc/>
    public long? GetRowCount() => _source?.GetRowCount();

    /// <inheritdoc/>
    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        var wanted = columnsNeeded.ToArray();
        var source = _source ?? throw new InvalidOperationException("This view is bound to a schema and has no data.");
        var cursor = source.GetRowCursor(GetDependencies(wanted));
        return new ScoringCursor(Schema, cursor, wanted, _model, IsScored(wanted) ? Reader(cursor) : null, _skipped);
    }

    /// <inheritdoc/>
    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
        [GetRowCursor(columnsNeeded, rand)];

    /// <inheritdoc/>
    public IEnumerable<DataViewSchema.Column> GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns)
    {
        var wanted = dependingColumns.ToArray();
        var passed = wanted.Where(column => column.Index < PredictedIndex).Select(column => InputSchema[column.Index]);
        if (!IsScored(wanted))
        {
            return passed;
        }
        var needed = passed.Append(InputSchema[_input.Name]);
        // The path is read only to name the file of an input that cannot be read.
        return (InputPath.In(InputSchema) is { } path ? needed.Append(path) : needed).DistinctBy(column => column.Index);
    }

    /// <inheritdoc/>
    public DataViewRow GetRow(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns)
    {
        var wanted = activeColumns.ToArray();
        return new ScoringRow(Schema, input, wanted, _model, IsScored(wanted) ? Reader(input) : null);
    }

    bool ICanSaveOnnx.CanSaveOnnx(OnnxContext ctx) => throw NoOnnx();

    void ISaveAsOnnx.SaveAsOnnx(OnnxContext ctx) => throw NoOnnx();

    void ICanSaveModel.Save(ModelSaveContext ctx) =>
        throw new NotSupportedException("Scored data cannot be saved; save the model with mlContext.Model.Save.");

    private static NotSupportedException NoOnnx() => new(
        "ConvertToOnnx cannot export an MsVit network. Use model.FindMsVit().SaveAsOnnx(path), which exports the network with its "
        + "normalization; rows reach it through model.TransformUpToMsVit(data).");

    private bool IsScored(DataViewSchema.Column[] wanted) => wanted.Any(column => column.Index >= PredictedIndex);

    private InputColumnReader Reader(DataViewRow row) => new(row, _input, _model.Card.Input);

    /// <summary>Finds the column that a model reads, and checks it.</summary>
    /// <exception cref="ArgumentException">There is no column of that name, or it does not fit the model.</exception>
    internal static InputColumn FindInput(DataViewSchema schema, ModelCard card)
    {
        var frames = card.Input.IsFrames;
        if (schema.GetColumnOrNull(card.InputColumnName) is not { } column)
        {
            throw new ArgumentException(
                OtherKind.Note(schema.Select(c => c.Name), frames)
                + $"The data has no column '{card.InputColumnName}', from which this model takes {(frames ? "event frames" : "images")}; "
                + $"it has {string.Join(", ", schema.Select(c => c.Name))}.",
                nameof(schema));
        }
        var input = InputColumn.From(column) ?? throw new ArgumentException(
            $"Column '{column.Name}' is of type {column.Type}; expected {InputColumn.Expected(frames)}.", nameof(schema));
        input.CheckFits(card.Input);
        return input;
    }
}
