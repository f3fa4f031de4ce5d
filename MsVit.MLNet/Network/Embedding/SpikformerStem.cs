using MsVit.MLNet.Kernels;
using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>Spikformer's patch splitting: images or frames to integers [T, B, C, H/stride, W/stride], rounded up.</summary>
/// <remarks>
/// <code>
/// stride 4 (CIFAR)            proj          proj1          proj2, pool     proj3, pool
/// stride 16 (ImageNet, DVS)   proj, pool    proj1, pool    proj2, pool     proj3, pool
/// y = x + LIF(BN(Conv3x3(x)))               the position of each token, from its neighbors
/// </code>
/// The convolutions have C/8, C/4, C/2 and C channels. Here the pool comes after the neurons. Zhou et al., "Spikformer", ICLR 2023.
/// </remarks>
internal sealed class SpikformerStem : nn.Module<Tensor, ForwardContext, Tensor>, IStem
{
    private readonly InputConv _proj;
    private readonly SpikingConv _proj1, _proj2, _proj3, _position;
    private readonly bool _poolsEarly;

    /// <param name="channels">Cin.</param>
    /// <param name="dim">C, divisible by 8.</param>
    /// <param name="stride">4 or 16.</param>
    /// <param name="shown">The kind of input, and T.</param>
    /// <param name="threshold">The threshold of the neurons.</param>
    /// <param name="neurons">Creates the neuron layers.</param>
    public SpikformerStem(
        int channels, int dim, int stride, (InputKind Input, int TimeSteps) shown, double threshold, NeuronFactory neurons)
        : base(nameof(SpikformerStem))
    {
        _poolsEarly = stride == 16;
        _proj = new(this, "proj", channels, dim / 8, shown, neurons.Create(threshold));
        _proj1 = Layer("proj1", dim / 8, dim / 4);
        _proj2 = Layer("proj2", dim / 4, dim / 2);
        _proj3 = Layer("proj3", dim / 2, dim);
        _position = Layer("rpe", dim, dim);

        SpikingConv Layer(string name, int input, int output) =>
            new(this, name, Conv.OverImage(input, output, kernel: 3), neurons.Create(threshold));
    }

    /// <inheritdoc/>
    public Conv PixelConv => _proj.Conv;

    public override Tensor forward(Tensor input, ForwardContext context)
    {
        using var scope = NewDisposeScope();
        var x = PoolIf(_poolsEarly, _proj.Forward(input, context), context.Pass);       // [T, B, C/8, ...]
        x = PoolIf(_poolsEarly, _proj1.Forward(x, context), context.Pass);              // [T, B, C/4, ...]
        x = PoolIf(true, _proj2.Forward(x, context), context.Pass);                     // [T, B, C/2, ...]
        x = PoolIf(true, _proj3.Forward(x, context), context.Pass);                     // [T, B, C, H/stride, W/stride]
        return scope.MoveToOuter(context.Produced(this, _position.Forward(x, context, residual: x)));
    }

    private static Tensor PoolIf(bool pools, Tensor spikes, Pass pass) =>
        pools ? HalvingPool.Halve(spikes.flatten(0, 1), pass).unflatten(0, spikes.shape[0], spikes.shape[1]) : spikes;
}
