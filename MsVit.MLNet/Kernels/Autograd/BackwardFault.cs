using System.Runtime.ExceptionServices;
using static TorchSharp.torch;

namespace MsVit.MLNet.Kernels;

/// <summary>Carries an exception of a backward function of ours past libtorch's frames, which no exception of .NET can cross: the process would end.</summary>
/// <remarks>
/// A function that fails gives no gradients, and the backward pass goes on to its end; then the exception is thrown. Passes of several networks at the
/// same time share the place, so that one of them may throw what befell another: both were short of memory.
/// </remarks>
internal static class BackwardFault
{
    private static Exception? _kept;

    /// <summary>The gradients, or none and the exception is kept.</summary>
    /// <param name="inputs">Inputs of the forward function.</param>
    /// <param name="backward">Gives a gradient for each.</param>
    public static List<Tensor> Keep(int inputs, Func<List<Tensor>> backward)
    {
        try
        {
            return backward();
        }
        catch (Exception e)
        {
            _ = Interlocked.CompareExchange(ref _kept, e, null);
            return [.. Enumerable.Repeat<Tensor>(null!, inputs)];
        }
    }

    /// <summary>The gradients of a loss.</summary>
    /// <exception cref="Exception">What a backward function threw first.</exception>
    public static void Backward(Tensor loss)
    {
        loss.backward();
        if (Interlocked.Exchange(ref _kept, null) is { } kept)
        {
            ExceptionDispatchInfo.Throw(kept);
        }
    }
}
