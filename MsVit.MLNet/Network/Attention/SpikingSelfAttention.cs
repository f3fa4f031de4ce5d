using MsVit.MLNet.Kernels;
using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>
/// SSA: self-attention of spikes, without a softmax. Maps [T, B, C, H, W] to spikes of the same shape, or to their sum with a residual.
/// </summary>
/// <remarks>
/// <code>
/// q, k, v = LIF(BN(Conv1(x)))                     over the N = H W tokens, with the channels split into heads
/// y = LIF(BN(Conv1(LIF(s q (k^T v)))))            the scale s does not depend on the head size
/// </code>
/// Zhou et al., "Spikformer", ICLR 2023. The factors of the products are spikes, so the products are exact integers in any order.
/// With integer neurons, q and k are 0 or 1 and v counts spikes: every product is a sum of spikes, gated by spikes.
/// </remarks>
internal sealed class SpikingSelfAttention : nn.Module<Tensor, Tensor?, ForwardContext, Tensor>
{
    private readonly AttentionNeurons _attention;
    private readonly SpikingConv _q, _k, _v, _proj;
    private readonly int _heads;
    private readonly double _scale;
    private readonly ProjectionCoupling _coupling;

    // The most spikes of a neuron of v in a time step.
    private readonly int _most;

    /// <param name="dim">C, divisible by <paramref name="heads"/>.</param>
    /// <param name="heads">The number of attention heads.</param>
    /// <param name="coupling">The time axis of the projection's neurons.</param>
    /// <param name="threshold">The threshold of the neurons of q, k, v and the projection.</param>
    /// <param name="attentionThreshold">The threshold of the neurons after the products.</param>
    /// <param name="neurons">Creates the neuron layers.</param>
    /// <param name="scale">s, a power of two. The default is 0.125.</param>
    /// <param name="qkvBias">Whether the convolutions of q, k and v have a bias. The default is false.</param>
    /// <param name="norm">Whether a batch norm comes before the neurons after the products. The default is false.</param>
    public SpikingSelfAttention(
        int dim, int heads, ProjectionCoupling coupling, double threshold, double attentionThreshold, NeuronFactory neurons,
        double scale = 0.125, bool qkvBias = false, bool norm = false)
        : base(nameof(SpikingSelfAttention))
    {
        (_heads, _scale, _coupling) = (heads, scale, coupling);
        _q = new(this, "q", Conv.OverTokens(dim, dim, bias: qkvBias), neurons.CreateBinary(threshold));
        _k = new(this, "k", Conv.OverTokens(dim, dim, bias: qkvBias), neurons.CreateBinary(threshold));
        var ofV = neurons.Create(threshold);
        _most = (ofV as ILifLayer)?.Dynamics.Levels ?? 1;
        _v = new(this, "v", Conv.OverTokens(dim, dim, bias: qkvBias), ofV);
        _attention = new(this, neurons.Create(attentionThreshold), norm ? dim : 0);
        _proj = new(this, "proj", Conv.OverTokens(dim, dim, bias: true), neurons.Create(threshold));
        RegisterComponents();
    }

    public override Tensor forward(Tensor x, Tensor? residual, ForwardContext context)
    {
        using var scope = NewDisposeScope();
        var products = Products(SpikingConv.FoldTokens(x, context.Pass, x.shape[2]), (x.shape[0], x.shape[1]), context);
        var spikes = _attention.Fire(products, context);                                // [T, B, C, N]
        var attended = context.Pass.TakesGpuPaths(x) ? ChannelsLast.Convert(spikes, axis: 2, x.dtype) : spikes.to(x.dtype);
        return scope.MoveToOuter(_proj.Forward(
            attended, context, residual, x.shape, acrossBatch: _coupling != ProjectionCoupling.PerSample));
    }

    private Tensor Products(Tensor tokens, (long Time, long Batch) steps, ForwardContext context)
    {
        using var scope = NewDisposeScope();
        var q = _q.ForwardFolded(tokens, steps, context, _heads);                       // [T, B, C, N]
        var k = _k.ForwardFolded(tokens, steps, context, _heads);
        var v = _v.ForwardFolded(tokens, steps, context, _heads);
        return scope.MoveToOuter(HeadProducts.Of(q, k, v, _heads, _scale, context.Pass, _most));
    }
}
