using MsVit.MLNet.Kernels;
using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>
/// MSSA: token attention at two scales, linear in the number of tokens. Maps [T, B, C, H, W] to spikes of the same shape, or to their
/// sum with a residual.
/// </summary>
/// <remarks>
/// With LIF over time, and the channels split into heads h:
/// <code>
/// q = LIF(BN(Conv1(x)))    k = LIF(BN(Conv1(x)))    p = LIF(BN(Conv3(x)))      over the N = H W tokens
/// a_h = LIF(sum over the channels of q_h + sum over the channels of p_h)       one number per token
/// y = LIF(BN(Conv1(a * k)))
/// </code>
/// The tokens are flattened row by row, so Conv3 reaches across the end of a row. This is the paper's figure 2; without p it is the
/// attention of QKFormer (Zhou et al., NeurIPS 2024). The mask a is 0 or 1 with every kind of neuron, so that a * k is spikes again.
/// </remarks>
internal sealed class MultiScaleSpikingAttention : nn.Module<Tensor, Tensor?, ForwardContext, Tensor>
{
    private readonly AttentionNeurons _attention;
    private readonly SpikingConv _q, _k, _proj;
    private readonly SpikingConv? _p;
    private readonly int _heads;
    private readonly ScaleBranch _branch;

    /// <param name="dim">C, divisible by <paramref name="heads"/>.</param>
    /// <param name="heads">The number of attention heads.</param>
    /// <param name="branch">How p is made and added.</param>
    /// <param name="threshold">The threshold of the neurons of q, k, p and the projection.</param>
    /// <param name="attentionThreshold">The threshold of the neurons of a.</param>
    /// <param name="neurons">Creates the neuron layers.</param>
    /// <param name="norm">Whether a batch norm comes before the neurons of a. The default is false.</param>
    public MultiScaleSpikingAttention(
        int dim, int heads, ScaleBranch branch, double threshold, double attentionThreshold, NeuronFactory neurons, bool norm = false)
        : base(nameof(MultiScaleSpikingAttention))
    {
        (_heads, _branch) = (heads, branch);
        _q = new(this, "q", Conv.OverTokens(dim, dim), neurons.Create(threshold));
        _k = new(this, "k", Conv.OverTokens(dim, dim), neurons.Create(threshold));
        _p = branch == ScaleBranch.None ? null : new(this, "p", Conv.OverTokens(dim, dim, kernel: Kernel(branch)),
            neurons.Create(threshold));
        _attention = new(this, neurons.CreateBinary(attentionThreshold), !norm ? 0 : branch == ScaleBranch.Broadcast ? dim : heads);
        _proj = new(this, "proj", Conv.OverTokens(dim, dim, bias: true), neurons.Create(threshold));
        RegisterComponents();
    }

    public override Tensor forward(Tensor x, Tensor? residual, ForwardContext context)
    {
        using var scope = NewDisposeScope();
        var (tokens, steps) = (SpikingConv.FoldTokens(x, context.Pass, x.shape[2]), (x.shape[0], x.shape[1]));
        var a = _attention.Fire(TokenScores(tokens, steps, context), context);          // [T, B, heads, 1 or C/heads, N]
        var k = _k.ForwardFolded(tokens, steps, context, _heads);                       // [T, B, C, N]
        return scope.MoveToOuter(_proj.Forward(TokenHeads.Mask(k, a, context.Pass), context, residual, x.shape));
    }

    private Tensor TokenScores(Tensor tokens, (long Time, long Batch) steps, ForwardContext context)
    {
        using var scope = NewDisposeScope();
        var q = TokenHeads.Sum(_q.ForwardFolded(tokens, steps, context, _heads), _heads, context.Pass); // [T, B, heads, 1, N]
        if (_p is null)
        {
            return scope.MoveToOuter(q);
        }
        var p = _p.ForwardFolded(tokens, steps, context, _heads);                       // [T, B, C, N]
        return scope.MoveToOuter(q.Plus(_branch switch
        {
            ScaleBranch.Broadcast => p.dim() == q.dim() ? p : p.unflatten(2, _heads, -1),
            ScaleBranch.QueryTwice => q,
            _ => TokenHeads.Sum(p, _heads, context.Pass),
        }));
    }

    private static int Kernel(ScaleBranch branch) => branch is ScaleBranch.Summed or ScaleBranch.QueryTwice ? 3 : 1;
}
