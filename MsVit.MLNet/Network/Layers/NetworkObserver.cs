using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>What an observer wants to see of a forward pass.</summary>
/// <remarks>
/// Each callback receives a layer's name and, except for <see cref="Begins"/>, a tensor. Names are state-dict paths such as
/// stage1.0.tssa.q_lif. The tensors, and tensors made from them, are valid only during the call unless they are detached from the
/// dispose scope. Callbacks run on the thread of the forward pass.
/// </remarks>
internal sealed record NetworkObserver
{
    /// <summary>
    /// The name of each embedding, of the two branches of each block and of the head, before it runs. The head begins with the features.
    /// </summary>
    public Action<string>? Begins { get; init; }

    /// <summary>
    /// The input of each convolution: [T, B, C, H, W] or [T, B, C, N], or [B, C, H, W] where a still image is convolved once.
    /// </summary>
    public Action<string, Tensor>? Convolving { get; init; }

    /// <summary>The spikes of each neuron layer, time first.</summary>
    public Action<string, Tensor>? Fired { get; init; }

    /// <summary>The output of each embedding and block, [T, B, C, H, W], and "features", [T, B, C].</summary>
    public Action<string, Tensor>? Produced { get; init; }
}
