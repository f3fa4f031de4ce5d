using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace MsVit.MLNet.Analysis;

/// <summary>The operations of a network beside the energy that its paper publishes.</summary>
/// <param name="Operations">The operations, counted from the sizes.</param>
/// <param name="PublishedMillijoules">What the paper publishes; null if it publishes nothing.</param>
public sealed record PresetOperations(SynapticOperations Operations, double? PublishedMillijoules)
{
    private const double PicojoulesInMillijoule = 1e9;

    private static readonly FrozenDictionary<string, double> Published = new Dictionary<string, double>
    {
        ["imagenet-10-384"] = 16.65,
        ["imagenet-10-512"] = 24.74,
        ["imagenet-10-768"] = 45.88,
        ["qkformer-imagenet-10-384"] = 15.13,
        ["qkformer-imagenet-10-512"] = 21.99,
        ["qkformer-imagenet-10-768"] = 38.91,
        ["spikformer-imagenet-8-384"] = 5.97,
        ["spikformer-imagenet-8-512"] = 11.58,
        ["spikformer-imagenet-8-768"] = 20.0,
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    /// <summary>The paper's three networks for ImageNet.</summary>
    public static IReadOnlyList<PresetOperations> ImageNet { get; } =
        [.. new[] { "imagenet-10-384", "imagenet-10-512", "imagenet-10-768" }.Select(name => Of(MsVitConfig.Preset(name)))];

    /// <summary>Counts the operations of a network. Only an unchanged preset has a published energy.</summary>
    /// <exception cref="ArgumentException">The config is not valid.</exception>
    public static PresetOperations Of(MsVitConfig network) => new(
        SynapticOperations.Of(network),
        MsVitConfig.Presets.Contains(network) && Published.TryGetValue(network.Name, out var millijoules) ? millijoules : null);

    /// <summary>Millijoules in float32 if all layers that read spikes have the same rate.</summary>
    /// <param name="rate">The rate, 0 to 1; it may be above 1 for mean values.</param>
    public double MillijoulesAt(double rate) => (OnValues + (rate * OnSpikes)) / PicojoulesInMillijoule;

    /// <summary>Millijoules of an ordinary network of this layout: every operation is a MAC, and a still image runs once.</summary>
    public double AnnMillijoules => Operations.Layers
        .Sum(layer => Constants.Mac * layer.Macs * SynapticOperations.AnnRuns(layer, Network, Network.TimeSteps)) / PicojoulesInMillijoule;

    /// <summary>
    /// The rate at which the published energy would be correct if it were the same in all layers that read spikes; null without a published
    /// energy.
    /// </summary>
    public double? ImpliedRate =>
        PublishedMillijoules is { } millijoules ? ((millijoules * PicojoulesInMillijoule) - OnValues) / OnSpikes : null;

    private static EnergyConstants Constants => EnergyConstants.Float32;

    private MsVitConfig Network => Operations.Network;

    private double OnValues => Operations.Layers.Where(layer => !layer.TakesSpikes)
        .Sum(layer => Constants.Mac * layer.Macs * SynapticOperations.Runs(layer, Network.TimeSteps));

    private double OnSpikes => Operations.Layers.Where(layer => layer.TakesSpikes)
        .Sum(layer => Constants.Accumulate * layer.Macs * SynapticOperations.Runs(layer, Network.TimeSteps));

    /// <summary>A table of networks as Markdown, and what it leaves out.</summary>
    public static string ToText(IEnumerable<PresetOperations> networks)
    {
        ArgumentNullException.ThrowIfNull(networks);
        var text = new StringBuilder();
        text.Append("| network | T | input | parameters | first convolution, MMAC | others, GMAC per step | x T ")
            .AppendLine("| as ANN, mJ | published, mJ | implied rate |");
        text.AppendLine("|---|---|---|---|---|---|---|---|---|---|");
        foreach (var row in networks)
        {
            var (network, operations) = (row.Network, row.Operations);
            text.AppendLine(
                CultureInfo.InvariantCulture,
                $"| {network.Name} | {network.TimeSteps} | {network.Height} x {network.Width} | {operations.Parameters:N0} "
                + $"| {operations.FirstConvolution / 1e6:F2} | {operations.OnSpikes / 1e9:F3} "
                + $"| {operations.OnSpikes * network.TimeSteps / 1e9:F3} "
                + $"| {row.AnnMillijoules:F2} | {Cell(row.PublishedMillijoules, "F2")} | {Cell(row.ImpliedRate, "F4")} |");
        }
        text.AppendLine();
        text.AppendLine(
            CultureInfo.InvariantCulture,
            $"E = {Constants.Mac} pJ x MAC(first convolution, head) + {Constants.Accumulate} pJ x rate x T x MAC(others); "
            + $"{EnergyConstants.Source}. Not counted:");
        foreach (var line in EnergyReport.Excluded)
        {
            text.Append("- ").AppendLine(line);
        }
        return text.ToString();

        static string Cell(double? value, string format) => value?.ToString(format, CultureInfo.InvariantCulture) ?? "-";
    }

    /// <summary>
    /// The row of <see cref="ToText(IEnumerable{PresetOperations})"/> for this network, and a Markdown table of its layers.
    /// </summary>
    public string ToText()
    {
        var text = new StringBuilder(ToText([this])).AppendLine();
        text.AppendLine("| layer | kind | MAC per run | runs | neurons | parameters |").AppendLine("|---|---|---|---|---|---|");
        foreach (var layer in Operations.Layers)
        {
            var runs = SynapticOperations.Runs(layer, Network.TimeSteps);
            text.AppendLine(
                CultureInfo.InvariantCulture,
                $"| {layer.Name} | {layer.Kind} | {layer.Macs} | {runs} | {layer.Neurons} | {layer.Parameters} |");
        }
        return text.ToString();
    }
}
