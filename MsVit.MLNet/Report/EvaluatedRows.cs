using Microsoft.ML;
using Microsoft.ML.Data;

namespace MsVit.MLNet.Analysis;

/// <summary>One pass over scored rows: the confusion matrix, the worst mistakes with their images, and the first samples.</summary>
internal sealed class EvaluatedRows
{
    // The same bound as ML.NET's evaluator.
    private const double LeastProbability = 1e-15;

    private const int MostNamed = 10;

    private readonly List<string> _unreadable = [];
    private double _logLoss;

    private EvaluatedRows(int classes) => Confusion = new long[classes, classes];

    /// <summary>Row counts by true class, then predicted class.</summary>
    public long[,] Confusion { get; }

    /// <summary>Rows with a label and a score.</summary>
    public long Count { get; private set; }

    /// <summary>Rows left out because the model does not know their label, or they have none.</summary>
    public long Unlabeled { get; private set; }

    /// <summary>Rows left out because their image or recording could not be read.</summary>
    public long Unreadable { get; private set; }

    /// <summary>The first few of these, by row and, if known, file.</summary>
    public IReadOnlyList<string> UnreadableRows => _unreadable;

    /// <summary>The wrong predictions with the highest confidence, worst first.</summary>
    public IReadOnlyList<Mistake> Mistakes { get; private set; } = [];

    /// <summary>The first samples, concatenated in the stored format.</summary>
    public byte[] Watched { get; private set; } = [];

    /// <summary>The shape of a sample.</summary>
    public SampleShape Shape { get; private set; }

    /// <summary>The mean negative log-probability of the true class, in nats.</summary>
    public double LogLoss => _logLoss / Count;

    /// <summary>The fraction of correct predictions.</summary>
    public double Accuracy => Enumerable.Range(0, Confusion.GetLength(0)).Sum(k => Confusion[k, k]) / (double)Count;

    /// <summary>Reads the rows.</summary>
    public static EvaluatedRows Read(IDataView scored, ModelCard card, string labelName, int mostMistakes, int mostWatched)
    {
        var schema = scored.Schema;
        var label = schema.GetColumnOrNull(labelName)
            ?? throw new ArgumentException(
                $"The data has no label column '{labelName}'; its columns are {string.Join(", ", schema.Select(column => column.Name))}.");
        if (label.Type is not KeyDataViewType || !LabelValues.Of(label).Values.SequenceEqual(card.Labels.Values))
        {
            throw new ArgumentException(
                $"Column '{labelName}' is of type {label.Type}; expected the keys that the model was trained with, in their order. "
                + "Use the pipeline that was trained.");
        }
        var input = schema[card.InputColumnName];
        var rows = new EvaluatedRows(card.Labels.Count);
        List<DataViewSchema.Column> needed = [label, input, schema[card.Columns.Score]];
        needed.AddRange(InputPath.In(schema) is { } path ? [path] : []);
        using var cursor = scored.GetRowCursor(needed);
        var describe = InputPath.Describer(cursor);
        var truthOf = KeyColumn.IndexReader(cursor, label);
        var scoreOf = cursor.GetGetter<VBuffer<float>>(schema[card.Columns.Score]);
        var reader = new InputColumnReader(cursor, InputColumn.From(input)!, card.Input);
        rows.Shape = reader.Shape;
        var worst = new PriorityQueue<Mistake, float>();
        var watched = new MemoryStream();
        var sample = new byte[reader.Shape.Bytes];
        VBuffer<float> score = default;
        while (cursor.MoveNext())
        {
            var truth = truthOf();
            scoreOf(ref score);
            var values = score.DenseValues().ToArray();
            if (values.Any(float.IsNaN))
            {
                rows.Unreadable++;
                if (rows._unreadable.Count < MostNamed)
                {
                    rows._unreadable.Add(describe());
                }
                continue;
            }
            if (truth < 0)
            {
                rows.Unlabeled++;
                continue;
            }
            var predicted = Array.IndexOf(values, values.Max());
            rows.Confusion[truth, predicted]++;
            rows._logLoss -= Math.Log(Math.Max(values[truth], LeastProbability));
            var isWorse = predicted != truth && mostMistakes > 0
                && (worst.Count < mostMistakes || worst.Peek().Confidence < values[predicted]);
            if (isWorse || rows.Count < mostWatched)
            {
                reader.Fit(reader.Capture(), sample);
                if (rows.Count < mostWatched)
                {
                    watched.Write(sample);
                }
            }
            if (isWorse)
            {
                var png = SampleImage.Png(sample, reader.Shape);
                var mistake = new Mistake(cursor.Position, describe(), truth, predicted, values[predicted], values[truth], png);
                worst.Enqueue(mistake, mistake.Confidence);
                if (worst.Count > mostMistakes)
                {
                    worst.Dequeue();
                }
            }
            rows.Count++;
        }
        if (rows.Count == 0)
        {
            throw new ArgumentException("No row has a label and a readable image, so there is nothing to report.");
        }
        rows.Mistakes =
        [
            .. worst.UnorderedItems.Select(item => item.Element)
                .OrderByDescending(mistake => mistake.Confidence)
                .ThenBy(mistake => mistake.Row),
        ];
        rows.Watched = watched.ToArray();
        return rows;
    }
}

/// <summary>A misclassified row.</summary>
/// <param name="Row">The row, from 0.</param>
/// <param name="Source">The row and, if known, its file.</param>
/// <param name="Truth">The true class, from 0.</param>
/// <param name="Predicted">The most probable class, from 0.</param>
/// <param name="Confidence">The probability of the predicted class.</param>
/// <param name="TruthProbability">The probability of the true class.</param>
/// <param name="Image">A PNG.</param>
internal sealed record Mistake(long Row, string Source, int Truth, int Predicted, float Confidence, float TruthProbability, byte[] Image);
