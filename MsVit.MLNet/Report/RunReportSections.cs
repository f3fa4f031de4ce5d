using System.Globalization;
using System.Runtime.InteropServices;
using static System.FormattableString;

namespace MsVit.MLNet.Analysis;

/// <summary>The sections about the run and its learning curves.</summary>
internal static class RunReportSections
{
    public static void Header(Html page, RunReportOptions options, ModelCard card, EvaluatedRows rows)
    {
        var training = card.Training;
        page.Element("h1", options.Title).Element("p", options.Protocol).Section("run", "Summary").Facts(
        [
            ("Accuracy", Html.Number(rows.Accuracy, "0.0000")),
            ("Log-loss", Html.Number(rows.LogLoss, "0.0000")),
            ("Rows evaluated", Integer(rows.Count)),
            ("Rows left out", LeftOut(rows)),
            ("Network", $"{card.Network.Name}: T = {card.Network.TimeSteps}, embed dim {card.Network.EmbedDim}, "
                + $"depths {string.Join(", ", card.Network.Depths)}, {card.Network.NumHeads} heads"),
            ("Recipe", $"{training.Recipe.Name}, seed {training.Seed.ToString(CultureInfo.InvariantCulture)}"),
            ("Samples", $"{Integer(training.TrainSamples)} for training, {Integer(training.ValidationSamples)} "
                + (training.EpochChoice == EpochChoice.TestSet
                    ? "of the test set to choose the best epoch, as in the paper"
                    : "to choose the best epoch")),
            ("Epochs", $"{Integer(training.EpochsDone)}; the weights are from epoch {Integer(training.BestEpoch)}"
                + (training.StartShare is { } share ? Invariant($", blended with {share:0%} of the starting ones") : "")),
            ("Validation accuracy", Html.Number(training.ValidationAccuracy ?? double.NaN, "0.0000")),
            ("Library", $"MsVit.MLNet {training.LibraryVersion}, {RuntimeInformation.FrameworkDescription}"),
            ("Written", DateTime.UtcNow.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture)),
        ]);
        page.Raw("<details><summary>Config and recipe as JSON</summary>")
            .Element("pre", card.Network.ToJson())
            .Element("pre", training.Recipe.ToJson())
            .Raw("</details>")
            .End();
    }

    private static string LeftOut(EvaluatedRows rows)
    {
        string[] reasons =
        [
            .. rows.Unlabeled > 0 ? [$"{Integer(rows.Unlabeled)} without a label that the model knows"] : Array.Empty<string>(),
            .. rows.Unreadable > 0 ? [Unreadable()] : Array.Empty<string>(),
        ];
        return reasons.Length == 0 ? "none" : string.Join("; ", reasons);

        string Unreadable()
        {
            var more = rows.Unreadable - rows.UnreadableRows.Count;
            return $"{Integer(rows.Unreadable)} that could not be read: {string.Join("; ", rows.UnreadableRows)}"
                + (more > 0 ? $" and {Integer(more)} more" : "");
        }
    }

    public static void Curves(Html page, IReadOnlyList<EpochRecord> history)
    {
        page.Section("curves", "Learning curves");
        if (history.Count == 0)
        {
            page.Element("p", "No epoch records were provided.").End();
            return;
        }
        page.Raw(new Chart("Loss by epoch", Chart.Epoch, "loss (nats)")
            .Add("training", 0, Points(record => record.TrainLoss))
            .Add("validation", 1, Points(record => record.ValidationLoss))
            .ToFigure());
        page.Raw(new Chart("Accuracy by epoch", Chart.Epoch, "accuracy")
            .Add("training", 0, Points(record => record.TrainAccuracy))
            .Add("validation", 1, Points(record => record.ValidationAccuracy))
            .ToFigure());
        page.Raw(new Chart("Learning rate by epoch", Chart.Epoch, "learning rate")
            .Add("rate", 2, Points(record => record.LearningRate)).ToFigure());
        page.Table(
            "Epochs",
            ["epoch", "loss", "accuracy", "validation loss", "validation accuracy", "learning rate"],
            [
                .. history.Select(record => (string[])
                [
                    Integer(record.Epoch),
                    Html.Number(record.TrainLoss),
                    Html.Number(record.TrainAccuracy),
                    Html.Number(record.ValidationLoss),
                    Html.Number(record.ValidationAccuracy),
                    Html.Number(record.LearningRate, "g3"),
                ]),
            ]).End();

        IEnumerable<(double, double)> Points(Func<EpochRecord, double> value) =>
            history.Select(record => ((double)record.Epoch, value(record)));
    }

    private static string Integer(long value) => value.ToString(CultureInfo.InvariantCulture);
}
