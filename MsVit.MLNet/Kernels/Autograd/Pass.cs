using System.Runtime.ExceptionServices;
using static TorchSharp.torch;

namespace MsVit.MLNet.Kernels;

/// <summary>
/// A forward pass and the backward pass through its graph. Carries settings down to the kernels and exceptions back to the caller.
/// </summary>
/// <remarks>
/// Every node that a pass creates holds a reference to it, because libtorch may run backward functions on its own threads. A pass
/// without gradients changes nothing here, so many threads may share it; a pass with gradients belongs to one caller.
/// </remarks>
/// <param name="backend">The implementation. The default is our own kernels.</param>
/// <param name="notice">Receives a line whenever a layer runs slower than it could; lines may repeat. The default ignores them.</param>
/// <param name="peers">The passes with which batch norms share their statistics; null (the default) for none.</param>
/// <param name="gpu">What stands in for the kernels of a GPU (<see cref="StandIn"/>); null (the default) for nothing.</param>
/// <param name="countsBatches">Whether each batch norm counts its batches. The default is true.</param>
internal sealed class Pass(
    Backend backend = Backend.Fused, Action<string>? notice = null, PassPeers? peers = null, object? gpu = null,
    bool countsBatches = true)
{
    private readonly Lock _gate = new();

    // By thread.
    private readonly Dictionary<int, Tensor?[]> _returned = [];
    private Exception? _fault;

    /// <summary>Whether every layer is a composition of torch operations.</summary>
    public bool IsEager => backend == Backend.Eager;

    /// <summary>Whether our own passes over the CPU's memory are used where they support the input.</summary>
    public bool TakesCpuPaths => backend == Backend.Fused && gpu is null;

    /// <summary>Whether a tensor takes the paths of a GPU.</summary>
    public bool TakesGpuPaths(Tensor x) => !IsEager && !(TakesCpuPaths && x.device_type == TorchSharp.DeviceType.CPU);

    /// <summary>
    /// Neurons that stand in for those of a GPU: with them, tensors on the CPU take all paths of a GPU, so that these can be counted and
    /// tested without one. The type is that of Kernels/Cuda, which this folder cannot name.
    /// </summary>
    public object? StandIn => gpu;

    /// <summary>Whether each batch norm in training counts its batches. If not, the caller counts them for all norms at once.</summary>
    public bool CountsBatches => countsBatches;

    /// <summary>The passes with which batch norms share their statistics; null for none.</summary>
    public PassPeers? Peers => peers;

    /// <summary>A new pass with the same backend, listener and peers.</summary>
    public Pass Again() => new(backend, notice, peers, gpu, countsBatches);

    /// <summary>A new pass with the same backend and listener, whose batch norms share their statistics.</summary>
    public Pass With(PassPeers others) => new(backend, notice, others, gpu, countsBatches);

    /// <summary>A new pass of the same kind, whose caller counts the batches of all batch norms at once.</summary>
    public Pass WithoutCounting() => new(backend, notice, peers, gpu, countsBatches: false);

    /// <summary>Tells the caller, in one line, that a layer runs slower than it could.</summary>
    public void Notice(string line) => notice?.Invoke(line);

    /// <summary>Adds the gradients of a loss to the parameters.</summary>
    /// <exception cref="Exception">The first exception of a backward function in this pass.</exception>
    /// <exception cref="AggregateException">A backward function threw, and then libtorch did.</exception>
    public void Backward(Tensor loss) => Run(() => loss.backward());

    /// <summary>The gradients of an output with respect to some inputs; invalid for an input that it does not depend on.</summary>
    /// <param name="output">A tensor made in this pass.</param>
    /// <param name="inputs">Tensors that need a gradient.</param>
    /// <param name="upstream">The gradient of the output.</param>
    /// <inheritdoc cref="Backward"/>
    public IList<Tensor> Gradients(Tensor output, IList<Tensor> inputs, Tensor upstream)
    {
        IList<Tensor> gradients = [];
        Run(() => gradients = autograd.grad([output], inputs, [upstream], allow_unused: true));
        return gradients;
    }

    /// <summary>Runs a backward function. Its exceptions must not reach libtorch's stack frames, or the process would end.</summary>
    /// <remarks>
    /// If the function throws, it gives no gradients; libtorch finishes the pass, and then the caller gets the exception. The engine
    /// takes its own reference to a gradient after the function has returned, without telling it. A dispose scope would hold every
    /// gradient until the end of the training step, and the engine's threads for a GPU have no scope at all. So the handles that a
    /// thread returned last are disposed of when it returns the next ones, or at the end of the pass.
    /// </remarks>
    /// <param name="backward">Gives one gradient per input, null for an input without one. Its other tensors are disposed of.</param>
    /// <returns>The gradients; none if the function threw.</returns>
    public Tensor?[] Guard(Func<Tensor?[]> backward)
    {
        try
        {
            using var scope = NewDisposeScope();
            var gradients = backward();
            Dispose(Exchange(gradients));
            foreach (var gradient in gradients)
            {
                _ = gradient?.DetachFromDisposeScope();
            }
            return gradients;
        }
        catch (Exception e)
        {
            _ = Interlocked.CompareExchange(ref _fault, e, null);
            return [];
        }
    }

    private void Run(Action backward)
    {
        try
        {
            backward();
        }
        catch (Exception e)
        {
            // Another of the engine's threads may still be returning gradients, so the garbage collector gets these handles.
            _ = TakeReturned();
            if (TakeFault() is { } first)
            {
                throw new AggregateException(first, e);
            }
            throw;
        }
        Array.ForEach(TakeReturned(), Dispose);
        if (TakeFault() is { } fault)
        {
            ExceptionDispatchInfo.Throw(fault);
        }
    }

    private Exception? TakeFault() => Interlocked.Exchange(ref _fault, null);

    private Tensor?[]? Exchange(Tensor?[] gradients)
    {
        var thread = Environment.CurrentManagedThreadId;
        lock (_gate)
        {
            _ = _returned.Remove(thread, out var before);
            _returned.Add(thread, gradients);
            return before;
        }
    }

    private Tensor?[][] TakeReturned()
    {
        lock (_gate)
        {
            Tensor?[][] taken = [.. _returned.Values];
            _returned.Clear();
            return taken;
        }
    }

    private static void Dispose(Tensor?[]? gradients)
    {
        foreach (var gradient in gradients ?? [])
        {
            gradient?.Dispose();
        }
    }
}
