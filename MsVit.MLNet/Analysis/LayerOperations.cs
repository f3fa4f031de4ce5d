using System.Text.Json.Serialization;

namespace MsVit.MLNet.Analysis;

/// <summary>The operations of one layer in one run: for one image, or one event frame.</summary>
/// <remarks>
/// A convolution has Cout Hout Wout Cin Kh Kw operations; taps outside the border count too. Self-attention is counted in the order q (k^T
/// v): two products of N C C/heads each. In token attention each value of q and of p is one addition, each value of k one product. The
/// batch norm before the neurons of an attention is one factor and one shift per channel, which become the neurons' thresholds: it has no
/// operations.
/// </remarks>
/// <param name="Name">
/// The state-dict path of a convolution, for example stage1.0.tssa.q_conv; products have similar names: stage3.0.ssa.kv.
/// </param>
/// <param name="Kind">What the operations are.</param>
/// <param name="Macs">Multiply-accumulates of one run.</param>
/// <param name="Inputs">Input values of one run.</param>
/// <param name="Neurons">Neurons that fire on the result; 0 if another layer comes first.</param>
/// <param name="Parameters">Parameters of the layer with its batch norm and neurons.</param>
/// <param name="TakesSpikes">
/// Whether the inputs are spikes or sums of spikes: zeros cost nothing, the rest costs additions. False for pixels, counts and means.
/// </param>
/// <param name="RunsOnce">Whether it runs once, not at every time step: the first convolution of a still image, and the head.</param>
/// <param name="Driver">The name under which its input is observed: the convolution itself, the neurons of an operand, or features.</param>
public sealed record LayerOperations(
    string Name, OperationKind Kind, long Macs, long Inputs, long Neurons, long Parameters, bool TakesSpikes, bool RunsOnce, string Driver)
{
    /// <summary>
    /// The largest count that an input spike adds; counted by value, the spike is as many additions. The default is 1.
    /// </summary>
    /// <remarks>
    /// With integer neurons, a spike of k in self-attention's k^T v adds a row of v, whose values are 0 to
    /// <see cref="MsVitConfig.Levels"/>: over as many virtual time steps, the spike of k stays and gates the single spikes of v.
    /// </remarks>
    public int Gated { get; init; } = 1;
}

/// <summary>What the operations of a layer are.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<OperationKind>))]
public enum OperationKind
{
    /// <summary>A convolution over an image, an event frame or tokens.</summary>
    Convolution,

    /// <summary>A sum, a mask or a product of spikes with spikes, inside attention: it has no weights.</summary>
    Attention,

    /// <summary>The linear classifier.</summary>
    Linear,
}
