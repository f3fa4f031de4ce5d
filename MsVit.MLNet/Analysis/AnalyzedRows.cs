using Microsoft.ML;
using Microsoft.ML.Data;

namespace MsVit.MLNet.Analysis;

/// <summary>Reads the rows of an analysis in batches: samples as the model takes them, and labels if there are any.</summary>
/// <param name="model">The model that takes the samples.</param>
/// <param name="data">The rows.</param>
/// <param name="settings">Which rows, and the batch size.</param>
internal sealed class AnalyzedRows(IScorer model, IDataView data, SpikeAnalysisSettings settings)
{
    // A missing label.
    private const int Unlabeled = -1;

    private readonly DataViewSchema.Column? _label = LabelOf(model, data, settings.LabelColumnName);

    /// <summary>Whether accuracies can be measured.</summary>
    public bool HasLabels => _label is not null;

    /// <summary>Rows without a label, and rows whose image could not be read if the model skips those.</summary>
    public int Skipped { get; private set; }

    /// <summary>The batches; each is valid until the next is requested.</summary>
    public IEnumerable<(Sample Samples, int[] Labels)> Batches()
    {
        var input = ScoringView.FindInput(data.Schema, model.Card);
        var needed = new List<DataViewSchema.Column?> { data.Schema[input.Name], InputPath.In(data.Schema), _label };
        using var cursor = data.GetRowCursor(needed.OfType<DataViewSchema.Column>().DistinctBy(column => column.Index));
        var label = _label is { } column ? KeyColumn.IndexReader(cursor, column) : null;
        var inputs = new InputBatch(new InputColumnReader(cursor, input, model.Card.Input), settings.BatchSize);
        var labels = new List<int>();
        var (row, count) = (0L, settings.MaxSamples is null ? 0 : Count());
        for (var more = true; more;)
        {
            settings.CancellationToken.ThrowIfCancellationRequested();
            inputs.Clear();
            labels.Clear();
            while (inputs.Count < settings.BatchSize && (more = cursor.MoveNext()))
            {
                if (IsTaken(row++, count))
                {
                    labels.Add(label?.Invoke() ?? 0);
                    inputs.Capture();
                }
            }
            inputs.Fit(Environment.ProcessorCount);
            if (Read(inputs, labels) is { Labels.Length: > 0 } batch)
            {
                yield return batch;
            }
        }
    }

    // Every k-th row, on average.
    private bool IsTaken(long row, long count) =>
        settings.MaxSamples is not { } most || most >= count || (row + 1) * most / count > row * most / count;

    private long Count()
    {
        if (data.GetRowCount() is { } known)
        {
            return known;
        }
        using var cursor = data.GetRowCursor([]);
        var rows = 0L;
        while (cursor.MoveNext())
        {
            rows++;
        }
        return rows;
    }

    private (Sample, int[] Labels) Read(InputBatch inputs, List<int> labels)
    {
        var read = new List<int>();
        for (var i = 0; i < inputs.Count; i++)
        {
            InputFault.Check(inputs.Faults[i], model.Undecodable);
            if (inputs.Faults[i] is null && labels[i] != Unlabeled)
            {
                read.Add(i);
            }
        }
        Skipped += inputs.Count - read.Count;
        var bytes = new byte[read.Count * inputs.Shape.Bytes];
        foreach (var (place, i) in read.Index())
        {
            inputs.Sample(i).CopyTo(bytes.AsSpan(place * inputs.Shape.Bytes));
        }
        return (new(bytes, inputs.Shape), [.. read.Select(i => labels[i])]);
    }

    private static DataViewSchema.Column? LabelOf(IScorer model, IDataView data, string? name)
    {
        if (name is null || data.Schema.GetColumnOrNull(name) is not { } column)
        {
            return null;
        }
        var labels = model.Card.Labels;
        if (column.Type is not KeyDataViewType key || key.Count != (ulong)labels.Count)
        {
            throw new ArgumentException(
                $"Column '{name}' is of type {column.Type}; a key with the model's {labels.Count} classes is expected. "
                + "Map it with the fitted MapValueToKey of the model's pipeline, or set LabelColumnName to null to leave accuracies out.",
                nameof(data));
        }
        var theirs = LabelValues.Of(column);
        if (labels.HasValues && theirs.HasValues && !theirs.Values.SequenceEqual(labels.Values))
        {
            throw new ArgumentException(
                $"The classes of column '{name}' differ from those of the model, or are in another order. Map the column with the fitted "
                + "MapValueToKey of the model's pipeline.", nameof(data));
        }
        return column;
    }

    /// <summary>Samples, one after another.</summary>
    internal sealed record Sample(byte[] Bytes, SampleShape Shape);
}
