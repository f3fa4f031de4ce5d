using static TorchSharp.torch;

namespace MsVit.MLNet.Network.Neurons;

/// <summary>Gives a gradient to the autograd engine without leaving it to the garbage collector.</summary>
/// <remarks>
/// The engine takes its own reference to a returned gradient as soon as a backward function has returned, and nobody tells the
/// function. A dispose scope would hold every gradient until the end of the training step, and the engine's threads for a GPU
/// have no scope at all. So the handle handed over last on a thread is disposed of when the next one is handed over there.
/// </remarks>
internal static class GradientHandover
{
    [ThreadStatic]
    private static Tensor? _last;

    /// <summary>Returns the gradient, detached from any dispose scope, for a backward function to return.</summary>
    public static Tensor Return(Tensor gradient)
    {
        _last?.Dispose();
        _last = gradient.DetachFromDisposeScope();
        return gradient;
    }
}
