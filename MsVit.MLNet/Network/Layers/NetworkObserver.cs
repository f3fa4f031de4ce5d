using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>What an onlooker wants to see of a forward pass. Each callback gets a layer's name and a tensor.</summary>
/// <remarks>
/// Names are state-dict paths, for example stage1.0.tssa.q_lif. The tensors are valid during the call only, and so are those
/// made from them, unless detached from the dispose scope. Callbacks run on the thread of the forward pass.
/// </remarks>
internal sealed record NetworkObserver
{
    /// <summary>The input of each convolution, [T, B, C, H, W] or [T, B, C, N]; [B, C, H, W] where a still image runs once.</summary>
    public Action<string, Tensor>? Convolving { get; init; }

    /// <summary>The spikes of each neuron layer, time first.</summary>
    public Action<string, Tensor>? Fired { get; init; }

    /// <summary>The output of each embedding and block, [T, B, C, H, W], and "features", [T, B, C].</summary>
    public Action<string, Tensor>? Produced { get; init; }
}
