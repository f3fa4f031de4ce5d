using static TorchSharp.torch;

namespace MsVit.MLNet.Kernels;

/// <summary>Gives gradients to the autograd engine without leaving them to the garbage collector.</summary>
/// <remarks>
/// The engine takes its own reference to a returned gradient as soon as a backward function has returned, and nobody tells the
/// function. A dispose scope would hold every gradient until the end of the training step, and the engine's threads for a GPU
/// have no scope at all. So the handles handed over last on a thread are disposed of when the next ones are handed over there.
/// </remarks>
internal static class GradientHandover
{
    [ThreadStatic]
    private static Tensor?[]? _last;

    /// <summary>What a backward function returns: one gradient for each input of its forward, null for an input without one.</summary>
    public static List<Tensor> Return(params Tensor?[] gradients)
    {
        foreach (var handedOver in _last ?? [])
        {
            handedOver?.Dispose();
        }
        _last = gradients;
        foreach (var gradient in gradients)
        {
            gradient?.DetachFromDisposeScope();
        }
        return [.. gradients.Select(gradient => gradient!)];
    }
}
