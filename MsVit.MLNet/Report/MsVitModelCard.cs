using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.ML;

namespace MsVit.MLNet.Analysis;

/// <summary>A model card: a Markdown file beside a model that says what it is, what it was trained on, and how well it does.</summary>
/// <remarks>After Mitchell et al., "Model Cards for Model Reporting", FAT* 2019.</remarks>
public static class MsVitModelCard
{
    /// <summary>Writes the card.</summary>
    /// <param name="path">The file; one that is there is replaced when the new one is complete.</param>
    /// <param name="model">The model, or a pipeline with it.</param>
    /// <param name="options">What else to tell; null for nothing.</param>
    /// <exception cref="ArgumentException">There is not one MsVit model in the pipeline.</exception>
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
            ("neurons", $"{network.Neuron}"),
            ("depths, channels, heads", $"{string.Join(", ", network.Depths)}; {network.EmbedDim}; {network.NumHeads}"),
            ("classes", $"{model.Labels.Count}: {string.Join(", ", model.Labels)}"));
        if (options.ModelPath is { } file)
        {
            Table(text, "File", ("name", Path.GetFileName(file)), ("bytes", new FileInfo(file).Length.ToString("N0", CultureInfo.InvariantCulture)), ("SHA-256", Sum(file)));
        }
        Section(text, "Intended use", options.IntendedUse);
        Section(text, "Data", options.Data);
        Section(text, "Training", model.TrainingSummary);
        if (options.Metrics is { } metrics)
        {
            Table(text, "Measured",
                ("on", options.MetricsData), ("accuracy", Number(metrics.MicroAccuracy)), ("mean recall of the classes", Number(metrics.MacroAccuracy)), ("log-loss", Number(metrics.LogLoss)));
        }
        if (options.Energy is { } energy)
        {
            Table(text, "Energy, estimated",
                ("firing rate", Number(energy.FiringRate)), ("an image", Micro(energy.Joules)), ("an ordinary network of the same layout", Micro(energy.AnnJoules)),
                ("over", $"{energy.Samples} samples; operations alone, in float32"));
            text.Append("Not counted:\n\n").AppendJoin("", EnergyReport.LeftOut.Select(line => $"- {line}\n")).Append('\n');
        }
        Section(text, "Limits",
            "It names one of its classes for every image, also for one that shows none of them; the probabilities are those of the network, and not calibrated. "
            + (model.Model.Card.Training.EpochChoice == EpochChoice.TestSet
                ? "The best epoch was chosen on the test set, as published: the accuracy there is higher than on new data."
                : "The accuracy on held-out samples chose the best epoch, and is a little higher than on new data."));
        return text.ToString();
    }

    private static void Section(StringBuilder text, string title, string content) => text.Append(CultureInfo.InvariantCulture, $"## {title}\n\n{content}\n\n");

    private static void Table(StringBuilder text, string title, params (string Name, string Value)[] rows)
    {
        text.Append(CultureInfo.InvariantCulture, $"## {title}\n\n| | |\n|---|---|\n");
        foreach (var (name, value) in rows)
        {
            // A label may hold what parts the columns.
            text.Append(CultureInfo.InvariantCulture, $"| {name} | {value.Replace("|", "\\|", StringComparison.Ordinal).ReplaceLineEndings(" ")} |\n");
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
