using System.Globalization;
using System.Text;

namespace MsVit.MLNet.Analysis;

/// <summary>The energy of one image, or one recording, layer by layer. Every total is the sum of its column.</summary>
/// <remarks>
/// <code>
/// E = mac x MAC(first convolution, head) + ac x sum over the other layers of rate x T x MAC(layer)
/// </code>
/// with 4.6 and 0.9 pJ in float32. The papers write the first convolution alone before the sum; the head takes means, not spikes, and so
/// stands there too: under 0.1 % of the sum in the networks for ImageNet.
/// </remarks>
/// <param name="Network">Of which it is.</param>
/// <param name="TimeSteps">T.</param>
/// <param name="Samples">Over how many samples the rates are means.</param>
/// <param name="Constants">What an operation costs.</param>
/// <param name="Layers">The layers, in the order in which they run.</param>
public sealed record EnergyReport(MsVitConfig Network, int TimeSteps, int Samples, EnergyConstants Constants, IReadOnlyList<LayerEnergy> Layers)
{
    internal const double JoulesInPicojoule = 1e-12;

    private const double MillijoulesInPicojoule = 1e-9;

    /// <summary>What no figure contains, in sentences.</summary>
    public static IReadOnlyList<string> LeftOut { get; } =
    [
        "Batch norms: they fold into the convolutions.",
        "Biases and residual additions.",
        "Neurons: leak, threshold and reset of each membrane at each step.",
        "Max-pools, means over tokens and time, the softmax.",
        "Memory, but for the memory-aware columns: these assume one weight read an operation from 8 KB and no reuse; DRAM costs a hundred times as much. With data movement the advantage over a quantized ordinary network can vanish.",
        "Routing of spikes, control, leakage, the sensor.",
    ];

    /// <summary>Trainable numbers.</summary>
    public long Parameters => Layers.Sum(layer => layer.Layer.Parameters);

    /// <summary>Operations an image, inputs that are not 0 counting once.</summary>
    public double Operations => Layers.Sum(layer => layer.Operations);

    /// <summary>Operations an image, an input of 2 counting twice.</summary>
    public double OperationsByValue => Layers.Sum(layer => layer.OperationsByValue);

    /// <summary>Picojoules an image, inputs that are not 0 counting once.</summary>
    public double Picojoules => Layers.Sum(layer => layer.Picojoules);

    /// <summary>Picojoules an image, an input of 2 counting twice.</summary>
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

    /// <summary>One line a layer and a last one of sums; numbers are invariant and round-trip.</summary>
    public string ToCsv()
    {
        var csv = new StringBuilder();
        csv.Append("layer,kind,runs,macs,inputs,neurons,parameters,non_zero_share,mean_value,binary_share,integer_share,largest,")
            .Append("operations,operations_by_value,pj,pj_by_value,ann_pj,memory_pj,ann_memory_pj\r\n");
        foreach (var row in Layers)
        {
            var (layer, input) = (row.Layer, row.Input);
            csv.Append(CultureInfo.InvariantCulture, $"{layer.Name},{layer.Kind},{row.Runs},{layer.Macs},{layer.Inputs},{layer.Neurons},{layer.Parameters},");
            csv.Append(CultureInfo.InvariantCulture, $"{input.NonZeroShare:R},{input.MeanValue:R},{input.BinaryShare:R},{input.IntegerShare:R},{input.Largest:R},");
            csv.Append(CultureInfo.InvariantCulture, $"{row.Operations:R},{row.OperationsByValue:R},{row.Picojoules:R},{row.PicojoulesByValue:R},{row.AnnPicojoules:R},{row.MemoryPicojoules:R},{row.AnnMemoryPicojoules:R}\r\n");
        }
        var (macs, neurons) = (Layers.Sum(row => row.Layer.Macs), Layers.Sum(row => row.Layer.Neurons));
        csv.Append(CultureInfo.InvariantCulture, $"total,,,{macs},{Layers.Sum(row => row.Layer.Inputs)},{neurons},{Parameters},,,,,,");
        csv.Append(CultureInfo.InvariantCulture, $"{Operations:R},{OperationsByValue:R},{Picojoules:R},{PicojoulesByValue:R},{AnnPicojoules:R},{MemoryPicojoules:R},{AnnMemoryPicojoules:R}\r\n");
        return csv.ToString();
    }

    /// <summary>The totals in words, with what they leave out.</summary>
    public string ToText()
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"{Network.Name}: T = {TimeSteps}, {Network.Height} x {Network.Width}, {Parameters:N0} parameters, means over {Samples} samples");
        foreach (var constants in EnergyConstants.All)
        {
            var at = At(constants);
            text.AppendLine(CultureInfo.InvariantCulture,
                $"  {constants.Name,-8} {at.Picojoules * MillijoulesInPicojoule:G4} mJ (by value {at.PicojoulesByValue * MillijoulesInPicojoule:G4}), as ANN {at.AnnPicojoules * MillijoulesInPicojoule:G4}; with memory {at.MemoryPicojoules * MillijoulesInPicojoule:G4}, as ANN {at.AnnMemoryPicojoules * MillijoulesInPicojoule:G4}");
        }
        text.AppendLine(CultureInfo.InvariantCulture, $"Constants: {EnergyConstants.Source}. Residual sums are whole numbers, not spikes: \"by value\" counts a 2 twice.");
        text.AppendLine("Not counted:");
        foreach (var line in LeftOut)
        {
            text.Append("  ").AppendLine(line);
        }
        return text.ToString();
    }
}
