using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>
/// The first embedding of event frames [T, B, Cin, H, W], or of still images: to integers [T, B, C, H/8, W/8], rounded up.
/// </summary>
/// <remarks>
/// <code>
/// proj       proj1, pool       proj2, pool       proj3, pool        3x3
///                       \----- proj_res, stride 4 --------- +       1x1
/// </code>
/// Each of the four widths is C over a divisor. Here MSVIT and QKFormer differ only in these widths.
/// </remarks>
internal sealed class EventStem : nn.Module<Tensor, ForwardContext, Tensor>, IStem
{
    private readonly InputConv _proj;
    private readonly SpikingConv _proj1, _proj2, _proj3, _shortcut;

    /// <param name="channels">Cin.</param>
    /// <param name="dim">C.</param>
    /// <param name="divisors">C over each is the width of a convolution; the last is 1.</param>
    /// <param name="shown">The kind of input, and T.</param>
    /// <param name="threshold">The threshold of the neurons.</param>
    /// <param name="neurons">Creates the neuron layers.</param>
    public EventStem(
        int channels, int dim, PerStage divisors, (InputKind Input, int TimeSteps) shown, double threshold, NeuronFactory neurons)
        : base(nameof(EventStem))
    {
        int[] widths = [.. divisors.Select(divisor => dim / divisor)];
        _proj = new(this, "proj", channels, widths[0], shown, neurons.Create(threshold));
        _proj1 = Halving("proj1", widths[0], widths[1]);
        _proj2 = Halving("proj2", widths[1], widths[2]);
        _proj3 = Halving("proj3", widths[2], dim);
        _shortcut = new(this, "proj_res", Conv.OverImage(widths[1], dim, kernel: 1, stride: 4), neurons.Create(threshold));

        SpikingConv Halving(string name, int input, int output) =>
            new(this, name, Conv.OverImage(input, output, kernel: 3), neurons.Create(threshold), pool: true);
    }

    /// <inheritdoc/>
    public Conv PixelConv => _proj.Conv;

    public override Tensor forward(Tensor input, ForwardContext context)
    {
        using var scope = NewDisposeScope();
        using var first = _proj.Forward(input, context);                                // [T, B, C0, H, W]
        var half = _proj1.Forward(first, context);                                      // [T, B, C1, H/2, W/2]
        var main = _proj3.Forward(_proj2.Forward(half, context), context);              // [T, B, C, H/8, W/8]
        return scope.MoveToOuter(context.Produced(this, _shortcut.Forward(half, context, residual: main)));
    }
}
