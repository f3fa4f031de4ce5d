using System.Globalization;
using System.Text;

namespace MsVit.MLNet.Analysis;

/// <summary>The energy of one image, or one recording, layer by layer. Every total is the sum over the layers.</summary>
/// <remarks>
/// <code>
/// E = mac x MAC(first convolution, head) + ac x sum over the other layers of rate x T x MAC(layer)
/// </code>
/// with mac = 4.6 and ac = 0.9 pJ in float32. The papers list only the first convolution before the sum. The head reads means, not spikes,
/// so it is listed there too; it is under 0.1 % of the sum in the networks for ImageNet.
/// </remarks>
/// <param name="Network">The network.</param>
/// <param name="TimeSteps">T.</param>
/// <param name="Samples">How many samples the rates are means over.</param>
/// <param name="Constants">What an operation costs.</param>
/// <param name="Layers">The layers, in the order in which they run.</param>
public sealed record EnergyReport(
    MsVitConfig Network, int TimeSteps, int Samples, EnergyConstants Constants, IReadOnlyList<LayerEnergy> Layers)
{
    internal const double JoulesInPicojoule = 1e-12;

    private const double MillijoulesInPicojoule = 1e-9;

    /// <summary>What the figures leave out, one sentence each.</summary>
    public static IReadOnlyList<string> Excluded { get; } =
    [
        "Batch norms, which are folded into the convolutions, and those of attention into the thresholds of its neurons.",
        "Biases and residual additions.",
        "Neurons: the leak, threshold and reset of each membrane at each step.",
        "Max-pools, means over tokens and time, and the softmax.",
        "Memory, except in the columns with memory: these assume one weight read per operation from 8 KB and no reuse. "
        + "DRAM costs a hundred times as much. Counting data movement, the advantage over a quantized ordinary network can vanish.",
        "Routing of spikes, control, leakage currents, and the sensor.",
    ];

    /// <summary>The energy of the first time steps, from the observed inputs of each layer, by the name of their driver.</summary>
    internal static EnergyReport Of(
        SynapticOperations operations, int timeSteps, int samples, EnergyConstants constants,
        IReadOnlyDictionary<string, InputStatistics> inputs) => new(
            operations.Network with { TimeSteps = timeSteps }, timeSteps, samples, constants,
            [.. operations.Layers.Select(layer => new LayerEnergy(
                layer, inputs[layer.Driver].Over(timeSteps),
                SynapticOperations.Runs(layer, timeSteps), SynapticOperations.AnnRuns(layer, operations.Network, timeSteps), constants))]);

    /// <summary>The number of parameters.</summary>
    public long Parameters => Layers.Sum(layer => layer.Layer.Parameters);

    /// <summary>Operations per image if every input that is not 0 counts once.</summary>
    public double Operations => Layers.Sum(layer => layer.Operations);

    /// <summary>Operations per image if an input of 2 counts twice.</summary>
    public double OperationsByValue => Layers.Sum(layer => layer.OperationsByValue);

    /// <summary>Picojoules per image if every input that is not 0 counts once.</summary>
    public double Picojoules => Layers.Sum(layer => layer.Picojoules);

    /// <summary>Picojoules per image if an input of 2 counts twice.</summary>
    public double PicojoulesByValue => Layers.Sum(layer => layer.PicojoulesByValue);

    /// <summary>Picojoules of an ordinary network of the same layout.</summary>
    public double AnnPicojoules => Layers.Sum(layer => layer.AnnPicojoules);

    /// <summary>Picojoules with memory; see <see cref="LayerEnergy.MemoryPicojoules"/>.</summary>
    public double MemoryPicojoules => Layers.Sum(layer => layer.MemoryPicojoules);

    /// <summary>Picojoules of an ordinary network with memory.</summary>
    public double AnnMemoryPicojoules => Layers.Sum(layer => layer.AnnMemoryPicojoules);

    /// <summary>The same operations at other costs.</summary>
    public EnergyReport At(EnergyConstants constants) =>
        this with { Constants = constants, Layers = [.. Layers.Select(layer => layer with { Constants = constants })] };

    /// <summary>One line per layer and a last line of totals; numbers are culture-invariant and round-trip.</summary>
    public string ToCsv()
    {
        var csv = new StringBuilder();
        csv.Append("layer,kind,runs,macs,inputs,neurons,parameters,non_zero_share,mean_value,binary_share,integer_share,largest,")
            .Append("operations,operations_by_value,pj,pj_by_value,ann_pj,memory_pj,ann_memory_pj\r\n");
        foreach (var row in Layers)
        {
            var (layer, input) = (row.Layer, row.Input);
            csv.Append(
                CultureInfo.InvariantCulture,
                $"{layer.Name},{layer.Kind},{row.Runs},{layer.Macs},{layer.Inputs},{layer.Neurons},{layer.Parameters},"
                + $"{input.NonZeroShare:R},{input.MeanValue:R},{input.BinaryShare:R},{input.IntegerShare:R},{input.Largest:R},"
                + $"{row.Operations:R},{row.OperationsByValue:R},{row.Picojoules:R},{row.PicojoulesByValue:R},"
                + $"{row.AnnPicojoules:R},{row.MemoryPicojoules:R},{row.AnnMemoryPicojoules:R}\r\n");
        }
        var (macs, inputs, neurons) = (Sum(layer => layer.Macs), Sum(layer => layer.Inputs), Sum(layer => layer.Neurons));
        csv.Append(
            CultureInfo.InvariantCulture,
            $"total,,,{macs},{inputs},{neurons},{Parameters},,,,,,{Operations:R},{OperationsByValue:R},"
            + $"{Picojoules:R},{PicojoulesByValue:R},{AnnPicojoules:R},{MemoryPicojoules:R},{AnnMemoryPicojoules:R}\r\n");
        return csv.ToString();

        long Sum(Func<LayerOperations, long> column) => Layers.Sum(row => column(row.Layer));
    }

    /// <summary>The totals as text, and what they leave out.</summary>
    public string ToText()
    {
        var text = new StringBuilder();
        text.AppendLine(
            CultureInfo.InvariantCulture,
            $"{Network.Name}: T = {TimeSteps}, {Network.Height} x {Network.Width}, {Parameters:N0} parameters, "
            + $"means over {Samples} samples");
        foreach (var constants in EnergyConstants.All)
        {
            var at = At(constants);
            text.AppendLine(
                CultureInfo.InvariantCulture,
                $"  {constants.Name,-8} {Millijoules(at.Picojoules)} mJ (by value {Millijoules(at.PicojoulesByValue)}), "
                + $"as ANN {Millijoules(at.AnnPicojoules)}; with memory {Millijoules(at.MemoryPicojoules)}, "
                + $"as ANN {Millijoules(at.AnnMemoryPicojoules)}");
        }
        text.Append(CultureInfo.InvariantCulture, $"Constants: {EnergyConstants.Source}. ")
            .AppendLine(Network.SpikesPerStep > 1
                ? "Integer neurons and residual sums give whole numbers: \"by value\" counts a 2 twice, as two spikes."
                : "Residual sums are whole numbers, not spikes: \"by value\" counts a 2 twice.");
        text.AppendLine("Not counted:");
        foreach (var line in Excluded)
        {
            text.Append("  ").AppendLine(line);
        }
        return text.ToString();

        static string Millijoules(double picojoules) => (picojoules * MillijoulesInPicojoule).ToString("G4", CultureInfo.InvariantCulture);
    }
}
