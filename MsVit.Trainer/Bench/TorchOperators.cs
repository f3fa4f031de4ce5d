using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using MsVit.MLNet;
using static TorchSharp.torch;

namespace MsVit.Trainer.Bench;

/// <summary>Reports every operator that torch runs in this process, those of autograd's engine included.</summary>
/// <remarks>
/// libtorch's dispatcher calls whoever has registered with at::addGlobalCallback, which is how torch's own profiler sees operators.
/// TorchSharp does not publish it, so it is called through its C++ export. Its argument and the callbacks' results are passed as the ABI
/// of C++ on Linux for x64 wants; elsewhere nothing can be observed. The class is made for one observer at a time, and the operators for
/// one thread at a time.
/// </remarks>
internal sealed unsafe class TorchOperators : IDisposable
{
    // Eight-byte words of at::RecordFunction that are searched for the number of a node.
    private const int Words = 48;

    private static readonly Lock Gate = new();
    private static readonly Lazy<Exports> Found = new(Exports.Find);
    private static Action<string>? _began;
    private static Action? _ended;
    private static Action<string, nint>? _nodeBegan;
    private static Action? _nodeEnded;

    private readonly ulong[] _callbacks;

    private TorchOperators() => _callbacks =
    [
        Torch.Add(new(&OperatorBegan, &OperatorEnded, ofNodes: false)),
        Torch.Add(new(&NodeBegan, &NodeEnded, ofNodes: true)),
    ];

    /// <summary>Whether operators can be observed on this system.</summary>
    public static bool CanBeObserved => OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64;

    /// <summary>The number that the next node of the graph gets on this thread.</summary>
    public static long NextNode => (long)Torch.NextNode();

    /// <summary>Observes operators until the result is disposed.</summary>
    /// <param name="began">An operator begins, with its name, such as aten::add. Those that it calls begin and end within it.</param>
    /// <param name="ended">The last one that began ends.</param>
    /// <param name="nodeBegan">
    /// A node of the graph begins its backward function: its name, and the number that it got when it was made. All operators until its
    /// end are within it.
    /// </param>
    /// <param name="nodeEnded">It ends.</param>
    /// <exception cref="InvalidOperationException">They cannot be observed here.</exception>
    public static TorchOperators Observe(Action<string> began, Action ended, Action<string, long> nodeBegan, Action nodeEnded)
    {
        var word = FindNumber();
        return Observing(began, ended, (name, function) => nodeBegan(name, ((long*)function)[word]), nodeEnded);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Array.ForEach(_callbacks, callback => Torch.Remove(callback));
        (_began, _ended, _nodeBegan, _nodeEnded) = (null, null, null, null);
        Gate.Exit();
    }

    private static Exports Torch => Found.Value;

    private static TorchOperators Observing(Action<string> began, Action ended, Action<string, nint> nodeBegan, Action nodeEnded)
    {
        Gate.Enter();
        (_began, _ended, _nodeBegan, _nodeEnded) = (began, ended, nodeBegan, nodeEnded);
        return new();
    }

    // The class is private to libtorch, so the place of the number is found by products whose nodes have known numbers.
    private static int FindNumber()
    {
        using var scope = NewDisposeScope();
        using var grad = enable_grad();
        var found = new HashSet<int>(Enumerable.Range(0, Words));
        for (var trial = 0; trial < 3; trial++)
        {
            var x = ones(1).requires_grad_();
            var number = NextNode;
            var sum = x.mul(x).sum();
            using (Observing(static _ => { }, static () => { }, (name, function) =>
            {
                if (name.StartsWith("MulBackward", StringComparison.Ordinal))
                {
                    found.RemoveWhere(word => ((long*)function)[word] != number);
                }
            }, static () => { }))
            {
                sum.backward();
            }
        }
        return found.Count == 1 ? found.Single()
            : throw new InvalidOperationException(
                $"The numbers of the graph's nodes were not found in this libtorch ({found.Count} places).");
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint* OperatorBegan(nint* context, nint function)
    {
        *context = 0;
        _began?.Invoke(Torch.NameOf(function));
        return context;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OperatorEnded(nint function, nint context) => _ended?.Invoke();

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint* NodeBegan(nint* context, nint function)
    {
        *context = 0;
        _nodeBegan?.Invoke(Torch.NameOf(function), function);
        return context;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void NodeEnded(nint function, nint context) => _nodeEnded?.Invoke();

    // at::RecordFunctionCallback, with every callback wanted and neither inputs nor outputs. The start returns a unique_ptr, which the
    // caller makes room for.
    [StructLayout(LayoutKind.Sequential, Size = 40)]
    private readonly struct Callback(
        delegate* unmanaged[Cdecl]<nint*, nint, nint*> start, delegate* unmanaged[Cdecl]<nint, nint, void> end, bool ofNodes)
    {
        private readonly nint _start = (nint)start, _end = (nint)end;
        private readonly double _share = 1;

        // The first two of at::RecordScope.
        private readonly byte _ofOperators = (byte)(ofNodes ? 0 : 1), _ofNodes = (byte)(ofNodes ? 1 : 0);
    }

    private sealed class Exports
    {
        private readonly delegate* unmanaged[Cdecl]<Callback, ulong> _add;
        private readonly delegate* unmanaged[Cdecl]<ulong, void> _remove;
        private readonly delegate* unmanaged[Cdecl]<nint, byte*> _name;
        private readonly delegate* unmanaged[Cdecl]<ulong> _next;

        private Exports(nint add, nint remove, nint name, nint next)
        {
            _add = (delegate* unmanaged[Cdecl]<Callback, ulong>)add;
            _remove = (delegate* unmanaged[Cdecl]<ulong, void>)remove;
            _name = (delegate* unmanaged[Cdecl]<nint, byte*>)name;
            _next = (delegate* unmanaged[Cdecl]<ulong>)next;
        }

        public static Exports Find()
        {
            NativeTorch.EnsureLoaded();
            return CanBeObserved && NativeLibrary.TryLoad("libtorch_cpu.so", out var torch)
                && NativeLibrary.TryGetExport(torch, "_ZN2at17addGlobalCallbackENS_22RecordFunctionCallbackE", out var add)
                && NativeLibrary.TryGetExport(torch, "_ZN2at14removeCallbackEm", out var remove)
                && NativeLibrary.TryGetExport(torch, "_ZNK2at14RecordFunction4nameEv", out var name)
                && NativeLibrary.TryGetExport(torch, "_ZN2at15sequence_number4peekEv", out var next)
                ? new(add, remove, name, next)
                : throw new InvalidOperationException(
                    "Operators can be observed only on Linux for x64, and with a libtorch that records them.");
        }

        public ulong Add(Callback callback) => _add(callback);

        public void Remove(ulong callback) => _remove(callback);

        public string NameOf(nint function) => Marshal.PtrToStringUTF8((nint)_name(function))!;

        public ulong NextNode() => _next();
    }
}
