using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.ML;

namespace MsVit.MLNet.Analysis;

/// <summary>Writes a model card: a Markdown file that says what a model is, what it was trained on, and how accurate it is.</summary>
/// <remarks>After Mitchell et al., "Model Cards for Model Reporting", FAT* 2019.</remarks>
public static class MsVitModelCard
{
    /// <summary>Writes the card.</summary>
    /// <param name="path">The file, replaced once the new card is complete.</param>
    /// <param name="model">The model, or a pipeline that contains it.</param>
    /// <param name="options">Additional content; null for none.</param>
    /// <exception cref="ArgumentException">The pipeline does not contain exactly one MsVit model.</exception>
    /// <exception cref="IOException">A file cannot be read or written.</exception>
    public static void Write(string path, ITransformer model, ModelCardOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        ArgumentNullException.ThrowIfNull(model);
        var text = Text(model.FindMsVit(), options ?? new());
        using var file = new PendingFile(path);
        file.Stream.Write(Encoding.UTF8.GetBytes(text));
        file.Complete();
    }

    private static string Text(MsVitTransformer model, ModelCardOptions options)
    {
        var network = model.Network;
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"# {options.Title}\n\n");
        Table(text, "Model",
            ("network", network.Name),
            ("input", network.Input == InputKind.Frames
                ? $"event frames, {network.TimeSteps} x {network.Channels} x {network.Height} x {network.Width}"
                : $"images, {network.Channels} x {network.Height} x {network.Width}"),
            ("time steps", $"{network.TimeSteps}"),
            ("parameters", model.ParameterCount.ToString("N0", CultureInfo.InvariantCulture)),
            ("neurons", $"{network.Neuron}{(network.SpikesPerStep > 1 ? $", up to {network.Levels} spikes in a time step" : "")}"),
            ("depths, channels, heads", $"{string.Join(", ", network.Depths)}; {network.EmbedDim}; {network.NumHeads}"),
            ("classes", $"{model.Labels.Count}: {string.Join(", ", model.Labels)}"));
        if (options.ModelPath is { } file)
        {
            Table(text, "File",
                ("name", Path.GetFileName(file)),
                ("bytes", new FileInfo(file).Length.ToString("N0", CultureInfo.InvariantCulture)),
                ("SHA-256", Sum(file)));
        }
        Section(text, "Intended use", options.IntendedUse);
        Section(text, "Data", options.Data);
        Section(text, "Training", model.TrainingSummary);
        if (options.Metrics is { } metrics)
        {
            Table(text, "Results",
                ("data", options.MetricsData),
                ("accuracy", Number(metrics.MicroAccuracy)),
                ("mean recall over classes", Number(metrics.MacroAccuracy)),
                ("log-loss", Number(metrics.LogLoss)));
        }
        if (options.Energy is { } energy)
        {
            Table(text, "Estimated energy",
                (network.SpikesPerStep > 1 ? "spikes per neuron and time step" : "firing rate", Number(energy.FiringRate)),
                ("per image", Micro(energy.Joules)),
                ("conventional network of the same layout, per image", Micro(energy.AnnJoules)),
                ("basis", $"mean of {energy.Samples} samples; arithmetic operations only, in float32"));
            text.Append("Not included:\n\n").AppendJoin("", EnergyReport.Excluded.Select(line => $"- {line}\n")).Append('\n');
        }
        Section(text, "Limitations",
            "The model assigns one of its classes to every input, even if none applies. Its probabilities are not calibrated. "
            + (model.Model.Card.Training.EpochChoice == EpochChoice.TestSet
                ? "The best epoch was chosen on the test set, as in the paper, so test accuracy is higher than accuracy on new data."
                : "The best epoch was chosen by accuracy on held-out samples, so that accuracy is slightly higher than on new data."));
        return text.ToString();
    }

    private static void Section(StringBuilder text, string title, string content) =>
        text.Append(CultureInfo.InvariantCulture, $"## {title}\n\n{content}\n\n");

    private static void Table(StringBuilder text, string title, params (string Name, string Value)[] rows)
    {
        text.Append(CultureInfo.InvariantCulture, $"## {title}\n\n| | |\n|---|---|\n");
        foreach (var (name, value) in rows)
        {
            // A label may contain the column separator.
            var cell = value.Replace("|", "\\|", StringComparison.Ordinal).ReplaceLineEndings(" ");
            text.Append(CultureInfo.InvariantCulture, $"| {name} | {cell} |\n");
        }
        text.Append('\n');
    }

    private static string Number(double value) => value.ToString("0.0000", CultureInfo.InvariantCulture);

    private static string Micro(double joules) => string.Create(CultureInfo.InvariantCulture, $"{joules * 1e6:G4} µJ");

    private static string Sum(string path)
    {
        using var file = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }
}
