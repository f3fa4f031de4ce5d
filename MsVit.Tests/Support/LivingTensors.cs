using MsVit.MLNet.Kernels;
using static TorchSharp.torch;

namespace MsVit.Tests.Support;

/// <summary>Tensors of the pool that nobody disposes of before the process ends.</summary>
internal static class LivingTensors
{
    private const long Large = 1 << 20;

    // In a static field, in a module, in a graph that native code alone holds, and in a thread that still writes to one.
    private static Tensor? _kept;
    private static Tensor? _graph;
    private static Holder? _module;

    public static void Make()
    {
        _kept = PooledTensor.Empty([Large], float32).fill_(1);
        _module = new Holder();
        using var saved = PooledTensor.Empty([Large], float32).fill_(2);
        using var x = ones(Large).requires_grad_();
        _graph = x * saved;
        using var isWriting = new ManualResetEventSlim();
        new Thread(() => Write(isWriting)) { IsBackground = true }.Start();
        isWriting.Wait();
    }

    private static void Write(ManualResetEventSlim isWriting)
    {
        var own = PooledTensor.Empty([Large], float32);
        own.fill_(3);
        isWriting.Set();
        while (true)
        {
            using var another = PooledTensor.Empty([Large], float32);
            another.copy_(own);
        }
    }

    private sealed class Holder : nn.Module
    {
        public Holder()
            : base(nameof(Holder)) => register_buffer("pooled", PooledTensor.Empty([Large], float32).fill_(4));
    }
}
