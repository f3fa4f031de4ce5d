using Microsoft.ML;
using Microsoft.ML.Data;
using MsVit.MLNet;
using MsVit.Trainer.Data;

namespace MsVit.Trainer.Runs;

/// <summary>The rows of a set whose files cannot be read.</summary>
internal sealed class UnreadableRows
{
    private readonly OpenedData _data;

    /// <param name="data">The set.</param>
    /// <param name="lines">The rows.</param>
    public UnreadableRows(OpenedData data, IReadOnlyList<UnreadableRow> lines) => (_data, Lines) = (data, lines);

    /// <summary>Each, in order.</summary>
    public IReadOnlyList<UnreadableRow> Lines { get; }

    /// <summary>How many there are.</summary>
    public int Count => Lines.Count;

    /// <summary>The first, with its file and the reason; null without one.</summary>
    public string? First => Lines.Count > 0 ? Lines[0].Text : null;

    /// <summary>Looks for them before a run, without running the network.</summary>
    /// <param name="model">The trained pipeline, which reads the rows.</param>
    /// <param name="data">The set.</param>
    /// <exception cref="InvalidDataException">Not a single row can be read.</exception>
    public static UnreadableRows Find(ITransformer model, OpenedData data)
    {
        if (data.Format is DataFormat.Shapes or DataFormat.Cifar10 or DataFormat.Cifar100)
        {
            // Their images have no files of their own.
            return Of(data, []);
        }
        var pipeline = MsVitPipeline.Of(model);
        var skipped = new List<SkippedRow>();
        var scored = pipeline.Score(data.View, skipped.Add);
        var rows = 0;
        // Scores are computed when they are asked for: here, nobody does.
        using (var cursor = scored.GetRowCursor([scored.Schema[pipeline.Model.Scorer.Card.Columns.Score]]))
        {
            while (cursor.MoveNext())
            {
                rows++;
            }
        }
        var unreadable = Of(data, skipped);
        return rows == 0 || unreadable.Count < rows ? unreadable : throw new InvalidDataException(
            $"None of the {rows} {data.Noun} of {data.Path} can be read. {unreadable.First}");
    }

    /// <summary>Names them.</summary>
    /// <param name="data">The set.</param>
    /// <param name="skipped">Its rows that could not be read.</param>
    public static UnreadableRows Of(OpenedData data, IReadOnlyList<SkippedRow> skipped)
    {
        var files = skipped.Count > 0 && InputPath.In(data.View.Schema) is { } path
            ? data.View.GetColumn<string>(path).ToArray()
            : [];
        return new(data, [.. skipped.Select(row =>
        {
            var file = row.Row < files.Length ? files[row.Row] : null;
            return new UnreadableRow(row.Row, $"{file ?? $"row {row.Row}"}: {FileFault.Reason(row.Fault, file, data.IsEvents)}");
        })]);
    }

    /// <summary>Names each with its reason, one line per file.</summary>
    public void Write(TextWriter error)
    {
        foreach (var line in Lines)
        {
            error.WriteLine($"error: {line.Text}");
        }
        if (Count > 0)
        {
            error.WriteLine($"error: {Count} of {_data.View.GetRowCount()} {_data.Noun} could not be read; each is named above.");
        }
    }

    /// <summary>The set without them.</summary>
    public OpenedData Rest()
    {
        if (Count == 0)
        {
            return _data;
        }
        var rows = _data.View.GetRowCount() ?? throw new InvalidOperationException("The set does not know how many rows it has.");
        var chosen = Enumerable.Repeat(true, checked((int)rows)).ToArray();
        foreach (var line in Lines)
        {
            chosen[line.Row] = false;
        }
        return _data with { View = new ChosenRowsDataView(_data.View, chosen) };
    }
}

/// <summary>A row whose file cannot be read.</summary>
/// <param name="Row">The row, from 0.</param>
/// <param name="Text">The file and the reason.</param>
internal sealed record UnreadableRow(long Row, string Text);
