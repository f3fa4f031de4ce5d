using System.Text.Json.Nodes;
using Microsoft.ML;
using Microsoft.ML.Data;
using MsVit.Trainer.Data;
using static System.FormattableString;

namespace MsVit.Trainer.Runs;

/// <summary>How well a model does on a data set.</summary>
/// <param name="Metrics">The metrics of ML.NET's evaluator.</param>
/// <param name="Classes">The names of the classes, in the order of the scores.</param>
/// <param name="Count">Rows that were evaluated.</param>
/// <param name="UnknownLabels">Rows left out because the model does not know their label.</param>
internal sealed record Measured(MulticlassClassificationMetrics Metrics, IReadOnlyList<string> Classes, long Count, long UnknownLabels)
{
    private const int TopK = 5;

    /// <summary>Scores and evaluates a set.</summary>
    /// <exception cref="InvalidDataException">No row has a label that the model knows.</exception>
    public static Measured Of(MLContext mlContext, ITransformer model, OpenedData data)
    {
        var scored = model.Transform(data.View);
        var names = default(VBuffer<ReadOnlyMemory<char>>);
        var score = scored.Schema.GetColumnOrNull("Score")
            ?? throw new InvalidDataException("The model has no column Score, so it is not a classifier.");
        score.GetSlotNames(ref names);
        var (known, unknown) = Labels(scored);
        if (known == 0)
        {
            throw new InvalidDataException(
                $"None of the {unknown} labels of {data.Path} is a class of the model ({Some([.. names.DenseValues()])}).");
        }
        var metrics = mlContext.MulticlassClassification.Evaluate(scored, topKPredictionCount: Math.Min(TopK, names.Length));
        return new(metrics, [.. names.DenseValues().Select(name => name.ToString())], known, unknown);
    }

    /// <summary>Top-5 accuracy; 1 for five classes or fewer.</summary>
    public double Top5 => Classes.Count <= TopK ? 1 : Metrics.TopKAccuracyForAllK[TopK - 1];

    public JsonObject ToJson() => new()
    {
        ["accuracy"] = JsonLine.Number(Metrics.MicroAccuracy),
        ["top5"] = JsonLine.Number(Top5),
        ["logLoss"] = JsonLine.Number(Metrics.LogLoss),
        ["macroAccuracy"] = JsonLine.Number(Metrics.MacroAccuracy),
        ["count"] = Count,
        ["unknownLabels"] = UnknownLabels,
    };

    public void Write(TextWriter output)
    {
        output.WriteLine(Invariant($"accuracy {Metrics.MicroAccuracy:0.0000}, top-5 {Top5:0.0000}, ")
            + Invariant($"macro accuracy {Metrics.MacroAccuracy:0.0000}, log-loss {Metrics.LogLoss:0.0000}, on {Count} samples"));
        if (UnknownLabels > 0)
        {
            output.WriteLine($"{UnknownLabels} more samples were left out, because the model does not know their labels.");
        }
    }

    /// <summary>Writes the recall and the most frequent mistake of each class.</summary>
    public void WriteClasses(TextWriter output)
    {
        var width = Math.Clamp(Classes.Max(name => name.Length), 5, 32);
        output.WriteLine($"{"class".PadRight(width)} {"samples",8} {"recall",7}  most often confused with");
        foreach (var (truth, name) in Classes.Index())
        {
            var counts = Metrics.ConfusionMatrix.Counts[truth];
            var wrong = Enumerable.Range(0, counts.Count).Where(other => other != truth && counts[other] > 0).ToArray();
            var worst = wrong.Length == 0 ? truth : wrong.MaxBy(other => counts[other]);
            var mistake = worst == truth ? "-" : Invariant($"{Classes[worst]} ({counts[worst]:0})");
            var recall = counts.Sum() > 0 ? Invariant($"{Metrics.ConfusionMatrix.PerClassRecall[truth]:0.000}") : "-";
            output.WriteLine($"{(name.Length > width ? name[..width] : name).PadRight(width)} {counts.Sum(),8:0} {recall,7}  {mistake}");
        }
    }

    private static string Some(ReadOnlyMemory<char>[] names) =>
        string.Join(", ", names.Take(TopK)) + (names.Length > TopK ? $" and {names.Length - TopK} more" : "");

    private static (long Known, long Unknown) Labels(IDataView scored)
    {
        if (scored.Schema.GetColumnOrNull("Label") is not { } column || column.Type is not KeyDataViewType)
        {
            throw new InvalidDataException(
                "The scored rows have no key column Label: the model was saved without MapValueToKey(\"Label\").");
        }
        var (known, unknown) = (0L, 0L);
        using var cursor = scored.GetRowCursor([column]);
        var getter = cursor.GetGetter<uint>(column);
        uint label = 0;
        while (cursor.MoveNext())
        {
            getter(ref label);
            _ = label > 0 ? known++ : unknown++;
        }
        return (known, unknown);
    }
}
