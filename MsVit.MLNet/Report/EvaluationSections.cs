using System.Globalization;

namespace MsVit.MLNet.Analysis;

/// <summary>The confusion matrix, the per-class metrics and the worst mistakes.</summary>
internal static class EvaluationSections
{
    // A larger matrix is unreadable and bloats the file.
    private const int LargestMatrix = 30;

    public static void Write(Html page, EvaluatedRows rows, LabelValues labels)
    {
        var confusion = rows.Confusion;
        int[] classes = [.. Enumerable.Range(0, labels.Count)];
        page.Section("confusion", "Confusion matrix");
        if (classes.Length > LargestMatrix)
        {
            page.Element(
                "p",
                $"Not shown: there are {labels.Count} classes, and the limit is {LargestMatrix}. See the table of classes below.");
        }
        else
        {
            page.Raw(Html.Box(
                "Confusion matrix",
                "<table class=\"matrix\"><caption>Rows are true classes, columns are predictions</caption>"
                + $"<thead><tr><th scope=\"col\">true class</th>{string.Concat(classes.Select(Heading))}</tr></thead>"
                + $"<tbody>\n{string.Concat(classes.Select(Truth))}</tbody></table>"));
        }
        page.End().Section("classes", "Classes").Table(
            "Precision, recall and F1 by class",
            ["class", "precision", "recall", "F1", "count"],
            [.. classes.Select(k => Row(confusion, classes, k, labels))]).End();

        page.Section("mistakes", "Worst mistakes")
            .Element("p", rows.Mistakes.Count == 0
                ? "None to show."
                : "The wrong predictions with the highest confidence. Numbers are probabilities.")
            .Raw("<div class=\"images\">");
        foreach (var mistake in rows.Mistakes)
        {
            var (truth, predicted) = (Html.Encode(labels.NameOf(mistake.Truth)), Html.Encode(labels.NameOf(mistake.Predicted)));
            var source = Html.Encode(mistake.Source);
            var image = Convert.ToBase64String(mistake.Image);
            page.Raw($"<figure><img alt=\"{source}: {truth} predicted as {predicted}\" src=\"data:image/png;base64,{image}\"/>"
                + $"<figcaption>{source}: {truth} ({Html.Number(mistake.TruthProbability, "0.00")}) predicted as {predicted} "
                + $"({Html.Number(mistake.Confidence, "0.00")})</figcaption></figure>");
        }
        page.Raw("</div>").End();

        string Heading(int k) => $"<th scope=\"col\" class=\"n\">{Html.Encode(labels.NameOf(k))}</th>";

        string Truth(int truth)
        {
            var sum = Math.Max(1, classes.Sum(k => confusion[truth, k]));
            var cells = string.Concat(classes.Select(k => Cell(confusion[truth, k], sum)));
            return $"<tr><th scope=\"row\">{Html.Encode(labels.NameOf(truth))}</th>{cells}</tr>\n";
        }
    }

    private static string Cell(long count, long sum) =>
        $"<td class=\"c\" style=\"background:rgba(var(--cell),{Html.Number(0.45 * count / sum, "0.00")})\">"
        + $"{count.ToString(CultureInfo.InvariantCulture)}</td>";

    private static string[] Row(long[,] confusion, int[] classes, int k, LabelValues labels)
    {
        var correct = (double)confusion[k, k];
        var (actual, predicted) = (classes.Sum(j => confusion[k, j]), classes.Sum(j => confusion[j, k]));
        return
        [
            labels.NameOf(k),
            Html.Number(correct / predicted, "0.000"),
            Html.Number(correct / actual, "0.000"),
            Html.Number(2 * correct / (actual + predicted), "0.000"),
            actual.ToString(CultureInfo.InvariantCulture),
        ];
    }
}
