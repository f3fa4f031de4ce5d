using MsVit.MLNet.Kernels;
using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>
/// The first convolution of a network, with batch norm and neurons: still images [B, C, H, W] or frames [T, B, C, H, W] to spikes
/// [T, B, C', H', W'].
/// </summary>
/// <remarks>A still image is convolved once and shown for T steps. Frames are folded into the batch, as in all later layers.</remarks>
internal sealed class InputConv
{
    private readonly SpikingConv _layer;
    private readonly InputKind _input;
    private readonly int _timeSteps;

    /// <param name="owner">The module that the parts are registered in.</param>
    /// <param name="name">The prefix of their names.</param>
    /// <param name="channels">C.</param>
    /// <param name="dim">C'.</param>
    /// <param name="shown">The kind of input, and T.</param>
    /// <param name="neuron">The neurons.</param>
    /// <param name="pool">Whether to halve height and width. The default is false.</param>
    public InputConv(
        nn.Module owner, string name, int channels, int dim, (InputKind Input, int TimeSteps) shown, nn.Module<Tensor, Pass,
            Tensor> neuron, bool pool = false)
    {
        (_input, _timeSteps) = shown;
        _layer = new(owner, name, Conv.OverImage(channels, dim, kernel: 3), neuron, pool);
    }

    /// <summary>The convolution. It stays in float32, because pixels and counts are not small sums of spikes.</summary>
    public Conv Conv => _layer.Conv;

    public Tensor Forward(Tensor input, ForwardContext context)
    {
        using var scope = NewDisposeScope();
        return scope.MoveToOuter(_input == InputKind.Still
            ? _layer.ForwardStill(input, _timeSteps, context)
            : context.Narrow(_layer.Forward(input, context)));
    }
}
