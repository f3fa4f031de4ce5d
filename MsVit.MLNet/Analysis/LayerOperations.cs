namespace MsVit.MLNet.Analysis;

/// <summary>The operations of one layer for one image, or one frame, and one run.</summary>
/// <remarks>
/// A convolution has Cout Hout Wout Cin Kh Kw of them, at borders too. Self-attention is counted in the order q (k^T v): two products of
/// N C C/heads each. Token attention: one addition a spike of q and of p, one product a spike of k.
/// </remarks>
/// <param name="Name">The state-dict path of a convolution, for example stage1.0.tssa.q_conv; products are named after it: stage3.0.ssa.kv.</param>
/// <param name="Kind">What they are.</param>
/// <param name="Macs">Multiply-accumulates of one run.</param>
/// <param name="Inputs">Values that go in, of one run.</param>
/// <param name="Neurons">Neurons that the result goes to; 0 where another layer comes between.</param>
/// <param name="Parameters">Of the layer with its batch norm and neurons.</param>
/// <param name="TakesSpikes">Whether spikes or their sums go in, so that zeros cost nothing and the rest accumulates. Not so for pixels, counts and means.</param>
/// <param name="RunsOnce">Whether it runs once an image rather than at each time step: the first convolution of a still image, and the head.</param>
/// <param name="Driver">The name under which the input is observed: the convolution itself, the neurons of an operand, or features.</param>
public sealed record LayerOperations(
    string Name, OperationKind Kind, long Macs, long Inputs, long Neurons, long Parameters, bool TakesSpikes, bool RunsOnce, string Driver);
