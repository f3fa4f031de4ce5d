using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>
/// Two 1x1 convolutions with batch norm and neurons, C to ratio * C and back. Maps [T, B, C, H, W] to spikes of the same shape, or to
/// their sum with a residual.
/// </summary>
internal sealed class SpikingMlp : nn.Module<Tensor, Tensor?, ForwardContext, Tensor>
{
    private readonly SpikingConv _widen, _narrow;

    public SpikingMlp(int dim, int ratio, double threshold, NeuronFactory neurons)
        : base(nameof(SpikingMlp))
    {
        _widen = new(this, "mlp1", Conv.OverImage(dim, ratio * dim, kernel: 1, bias: true), neurons.Create(threshold));
        _narrow = new(this, "mlp2", Conv.OverImage(ratio * dim, dim, kernel: 1, bias: true), neurons.Create(threshold));
    }

    public override Tensor forward(Tensor x, Tensor? residual, ForwardContext context)
    {
        using var hidden = _widen.Forward(x, context);   // [T, B, ratio * C, H, W]
        return _narrow.Forward(hidden, context, residual);   // [T, B, C, H, W]
    }
}
