using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Spectre.Console;

namespace MsVit.Samples.Display;

/// <summary>Evaluates scored data with ML.NET's evaluator and prints the metrics.</summary>
internal static class EvaluationDisplay
{
    private const int TopK = 3;

    /// <summary>Prints accuracy, top-k accuracy, log-loss and the confusion matrix.</summary>
    /// <param name="mlContext">The context of the evaluator.</param>
    /// <param name="scored">The result of the model's Transform.</param>
    public static MulticlassClassificationMetrics Evaluate(MLContext mlContext, IDataView scored)
    {
        var metrics = mlContext.MulticlassClassification.Evaluate(scored, topKPredictionCount: TopK);
        var names = default(VBuffer<ReadOnlyMemory<char>>);
        scored.Schema["Score"].GetSlotNames(ref names);
        Print(metrics, [.. names.DenseValues().Select(name => name.ToString())]);
        return metrics;
    }

    private static void Print(MulticlassClassificationMetrics metrics, IReadOnlyList<string> labels)
    {
        var topK = metrics.TopKAccuracyForAllK.Select((accuracy, k) => $"top-{k + 1} {accuracy:0.0000}");
        Console.WriteLine($"micro accuracy {metrics.MicroAccuracy:0.0000}, macro accuracy {metrics.MacroAccuracy:0.0000}, "
            + $"log-loss {metrics.LogLoss:0.0000}");
        Console.WriteLine(string.Join(", ", topK));
        Console.WriteLine();

        // Output to a file has no limited width.
        if (Console.IsOutputRedirected)
        {
            AnsiConsole.Profile.Width = Math.Max(AnsiConsole.Profile.Width, 20 + 10 * labels.Count);
        }
        var table = new Table().Border(TableBorder.Simple).Title("Confusion matrix: rows are true classes, columns are predictions");
        table.AddColumn(new TableColumn("").NoWrap().Padding(0, 1));
        foreach (var label in labels)
        {
            table.AddColumn(new TableColumn(label.Length > 5 ? label[..5] : label).RightAligned().NoWrap().Padding(0, 1));
        }
        table.AddColumn(new TableColumn("recall").RightAligned().NoWrap().Padding(0, 0));
        for (var truth = 0; truth < labels.Count; truth++)
        {
            var counts = metrics.ConfusionMatrix.Counts[truth];
            table.AddRow([
                labels[truth],
                .. counts.Select(count => count == 0 ? "." : count.ToString("0", CultureInfo.InvariantCulture)),
                metrics.ConfusionMatrix.PerClassRecall[truth].ToString("0.00", CultureInfo.InvariantCulture)]);
        }
        AnsiConsole.Write(table);
    }
}
