using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>
/// The first embedding: still images [B, Cin, H, W], shown for T steps, or frames [T, B, Cin, H, W] to integers
/// [T, B, C, H/stride, W/stride].
/// </summary>
/// <remarks>
/// proj (Cin to C/2) feeds a main branch and a 1x1 shortcut, whose spikes are added. Sizes are rounded up.
/// <code>
/// stride 1 (CIFAR)       proj                 proj1                           proj_res stride 1
/// stride 2 (laptop)      proj, pool           proj1                           proj_res stride 1
/// stride 4 (ImageNet)    proj, pool           proj1, pool         proj2       proj_res stride 2
/// </code>
/// </remarks>
internal sealed class PatchEmbedStem : nn.Module<Tensor, ForwardContext, Tensor>, IStem
{
    private readonly InputConv _proj;
    private readonly SpikingConv _proj1, _shortcut;
    private readonly SpikingConv? _proj2;

    /// <param name="channels">Cin.</param>
    /// <param name="dim">C, even.</param>
    /// <param name="stride">1, 2 or 4.</param>
    /// <param name="shown">The kind of input, and T.</param>
    /// <param name="threshold">The threshold of the neurons.</param>
    /// <param name="neurons">Creates the neuron layers.</param>
    public PatchEmbedStem(int channels, int dim, int stride, (InputKind Input, int TimeSteps) shown, double threshold,
        NeuronFactory neurons)
        : base(nameof(PatchEmbedStem))
    {
        _proj = new(this, "proj", channels, dim / 2, shown, neurons.Create(threshold), pool: stride > 1);
        _proj1 = new(this, "proj1", Conv.OverImage(dim / 2, dim, kernel: 3), neurons.Create(threshold), pool: stride > 2);
        _proj2 = stride > 2 ? new(this, "proj2", Conv.OverImage(dim, dim, kernel: 3), neurons.Create(threshold)) : null;
        _shortcut = new(this, "proj_res", Conv.OverImage(dim / 2, dim, kernel: 1, stride: stride > 2 ? 2 : 1), neurons.Create(threshold));
    }

    /// <inheritdoc/>
    public Conv PixelConv => _proj.Conv;

    public override Tensor forward(Tensor input, ForwardContext context)
    {
        using var scope = NewDisposeScope();
        var x = _proj.Forward(input, context);                                          // [T, B, C/2, H', W']
        var main = _proj1.Forward(x, context);                                          // [T, B, C, H'', W'']
        main = _proj2?.Forward(main, context) ?? main;
        return scope.MoveToOuter(context.Produced(this, _shortcut.Forward(x, context, residual: main)));
    }
}
