using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>The embedding before the second and third stage: [T, B, Cin, H, W] to integers [T, B, C, H/2, W/2], rounded up.</summary>
/// <remarks>
/// Two 3x3 convolutions, one of them followed by a pool, and a parallel 1x1 shortcut with stride 2. Their spikes are added.
/// </remarks>
internal sealed class PatchEmbedStage : nn.Module<Tensor, ForwardContext, Tensor>
{
    private readonly SpikingConv _proj3, _proj4, _shortcut;

    /// <param name="input">Cin.</param>
    /// <param name="dim">C.</param>
    /// <param name="pool">The convolution that the pool follows.</param>
    /// <param name="threshold">The threshold of the neurons.</param>
    /// <param name="neurons">Creates the neuron layers.</param>
    public PatchEmbedStage(int input, int dim, PoolPlace pool, double threshold, NeuronFactory neurons)
        : base(nameof(PatchEmbedStage))
    {
        _proj3 = new(this, "proj3", Conv.OverImage(input, dim, kernel: 3), neurons.Create(threshold), pool == PoolPlace.First);
        _proj4 = new(this, "proj4", Conv.OverImage(dim, dim, kernel: 3), neurons.Create(threshold), pool == PoolPlace.Second);
        _shortcut = new(this, "proj_res", Conv.OverImage(input, dim, kernel: 1, stride: 2), neurons.Create(threshold));
    }

    public override Tensor forward(Tensor x, ForwardContext context)
    {
        using var scope = NewDisposeScope();
        var main = _proj4.Forward(_proj3.Forward(x, context), context);                 // [T, B, C, H/2, W/2]
        return scope.MoveToOuter(context.Produced(this, _shortcut.Forward(x, context, residual: main)));
    }
}
