using System.Text.Json.Nodes;
using Microsoft.ML;
using Microsoft.ML.Data;
using MsVit.MLNet;
using MsVit.Trainer.Data;
using MsVit.Trainer.Ranks;
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
    private const int MostNames = 5;

    /// <summary>The labels of those rows.</summary>
    public required IReadOnlyList<string> UnknownNames { get; init; }

    /// <summary>The files that were left out because they could not be read.</summary>
    public required UnreadableRows Unreadable { get; init; }

    /// <summary>The wrong predictions with the highest probability, worst first.</summary>
    public required IReadOnlyList<Mistake> Mistakes { get; init; }

    /// <summary>Scores and evaluates a set. A file that cannot be read is left out.</summary>
    /// <param name="mlContext">The context.</param>
    /// <param name="model">The trained pipeline.</param>
    /// <param name="data">The set.</param>
    /// <param name="ranks">Share the scoring. All must do this; only rank 0 has a result.</param>
    /// <param name="mostMistakes">How many of the worst mistakes to keep.</param>
    /// <exception cref="InvalidDataException">No row has a label that the model knows and a file that can be read.</exception>
    public static Measured Of(MLContext mlContext, ITransformer model, OpenedData data, RankGroup ranks, int mostMistakes = 0)
    {
        var pipeline = MsVitPipeline.Of(model);
        var classes = pipeline.Model.Labels;
        var shared = ranks.Size > 1 ? SharedScores.Of(ranks, pipeline, data) : null;
        var rows = new ScoredRows(pipeline, data, mostMistakes, shared);
        MulticlassClassificationMetrics metrics;
        try
        {
            metrics = mlContext.MulticlassClassification.Evaluate(rows, topKPredictionCount: Math.Min(TopK, classes.Count));
        }
        // The evaluator cannot say why there is no row.
        catch (InvalidOperationException) when (rows.Count == 0 && rows.UnknownLabels + rows.Unreadable().Count > 0)
        {
            throw Nothing(rows, data, classes);
        }
        return rows.Count == 0 ? throw Nothing(rows, data, classes) : new(metrics, classes, rows.Count, rows.UnknownLabels)
        {
            UnknownNames = rows.UnknownNames,
            Unreadable = rows.Unreadable(),
            Mistakes = rows.Mistakes,
        };
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
        ["unreadable"] = Unreadable.Count,
    };

    /// <summary>The worst mistakes, for scripts.</summary>
    public JsonArray MistakesToJson() =>
    [
        .. Mistakes.Select(mistake => new JsonObject
        {
            ["file"] = mistake.File,
            ["row"] = mistake.Row,
            ["label"] = Classes[mistake.Truth],
            ["predicted"] = Classes[mistake.Predicted],
            ["probability"] = JsonLine.Number(mistake.Probability),
        }),
    ];

    public void Write(TextWriter output)
    {
        output.WriteLine(Invariant($"accuracy {Metrics.MicroAccuracy:0.0000}, top-5 {Top5:0.0000}, ")
            + Invariant($"macro accuracy {Metrics.MacroAccuracy:0.0000}, log-loss {Metrics.LogLoss:0.0000}, on ")
            + Counted.Of(Count, "sample"));
        if (UnknownLabels > 0)
        {
            output.WriteLine($"{UnknownLabels} more samples were left out, because the model does not know their labels"
                + (UnknownNames.Count > 0 ? $": {Some(UnknownNames)}." : "."));
        }
        if (Unreadable.Count > 0)
        {
            output.WriteLine($"{Unreadable.Count} more samples were left out, because they could not be read.");
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

    /// <summary>Writes the wrong predictions with the highest probability, with their files.</summary>
    public void WriteMistakes(TextWriter output)
    {
        if (Mistakes.Count == 0)
        {
            return;
        }
        output.WriteLine();
        output.WriteLine("worst mistakes, with the probability of the predicted class");
        foreach (var mistake in Mistakes)
        {
            output.WriteLine($"{mistake.Name}: {Classes[mistake.Truth]} predicted as {Classes[mistake.Predicted]} "
                + Invariant($"({mistake.Probability:0.000})"));
        }
    }

    private static string Some(IReadOnlyList<string> names) =>
        string.Join(", ", names.Take(MostNames)) + (names.Count > MostNames ? $" and {names.Count - MostNames} more" : "");

    private static InvalidDataException Nothing(ScoredRows rows, OpenedData data, IReadOnlyList<string> classes)
    {
        var unreadable = rows.Unreadable();
        return new(rows.UnknownLabels == 0
            ? $"None of the {unreadable.Count} {data.Noun} of {data.Path} can be read. {unreadable.First}"
            : $"None of the {rows.UnknownLabels} labels of {data.Path} is a class of the model ({Some(classes)}); "
                + $"its labels are {Some(rows.UnknownNames)}."
                + (unreadable.Count > 0 ? $" {unreadable.Count} more {data.Noun} cannot be read. {unreadable.First}" : ""));
    }
}
