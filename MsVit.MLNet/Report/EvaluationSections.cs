using System.Globalization;

namespace MsVit.MLNet.Analysis;

/// <summary>The confusion matrix, the figures of each class and the worst mistakes.</summary>
internal static class EvaluationSections
{
    // A larger matrix can be read by no one, and makes the file large.
    private const int LargestMatrix = 30;

    public static void Write(Html page, EvaluatedRows rows, LabelValues labels)
    {
        var confusion = rows.Confusion;
        int[] classes = [.. Enumerable.Range(0, labels.Count)];
        page.Section("confusion", "Confusion matrix");
        if (classes.Length > LargestMatrix)
        {
            page.Element("p", $"There are {labels.Count} classes; the matrix is shown up to {LargestMatrix}. The table of classes follows.");
        }
        else
        {
            page.Raw("<div class=\"wide\"><table>").Element("caption", "Rows are the truth, columns the prediction")
                .Raw($"<thead><tr><th scope=\"col\">truth</th>{string.Concat(classes.Select(k => $"<th scope=\"col\">{Html.Encode(labels.NameOf(k))}</th>"))}</tr></thead><tbody>");
            foreach (var truth in classes)
            {
                var sum = Math.Max(1, classes.Sum(k => confusion[truth, k]));
                page.Raw($"<tr><th scope=\"row\">{Html.Encode(labels.NameOf(truth))}</th>{string.Concat(classes.Select(k => Cell(confusion[truth, k], sum)))}</tr>");
            }
            page.Raw("</tbody></table></div>");
        }
        page.End().Section("classes", "Classes").Table("Precision, recall and F1 of each class", ["class", "precision", "recall", "F1", "count"],
            [.. classes.Select(k => Row(confusion, classes, k, labels))]).End();

        page.Section("mistakes", "Worst mistakes").Element("p", rows.Mistakes.Count == 0 ? "None are shown." : "The wrong predictions of highest probability.").Raw("<div class=\"images\">");
        foreach (var mistake in rows.Mistakes)
        {
            var (truth, predicted) = (Html.Encode(labels.NameOf(mistake.Truth)), Html.Encode(labels.NameOf(mistake.Predicted)));
            page.Raw($"<figure><img alt=\"row {mistake.Row.ToString(CultureInfo.InvariantCulture)}: {truth} taken for {predicted}\" src=\"data:image/png;base64,{Convert.ToBase64String(mistake.Image)}\"/>"
                + $"<figcaption>row {mistake.Row.ToString(CultureInfo.InvariantCulture)}: {truth} ({Html.Number(mistake.TruthProbability, "0.00")}) taken for {predicted} ({Html.Number(mistake.Confidence, "0.00")})</figcaption></figure>");
        }
        page.Raw("</div>").End();
    }

    private static string Cell(long count, long sum) =>
        $"<td class=\"c\" style=\"background:rgba(var(--cell),{Html.Number(0.45 * count / sum, "0.00")})\">{count.ToString(CultureInfo.InvariantCulture)}</td>";

    private static string[] Row(long[,] confusion, int[] classes, int k, LabelValues labels)
    {
        var right = (double)confusion[k, k];
        var (own, called) = (classes.Sum(j => confusion[k, j]), classes.Sum(j => confusion[j, k]));
        return [labels.NameOf(k), Html.Number(right / called, "0.000"), Html.Number(right / own, "0.000"),
            Html.Number(2 * right / (own + called), "0.000"), own.ToString(CultureInfo.InvariantCulture)];
    }
}
