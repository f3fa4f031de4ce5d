using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>
/// Operators of torch over lists of tensors, which TorchSharp does not publish: one call, and one kernel, for all of them.
/// </summary>
/// <remarks>
/// They are called through libtorch's C interface for extensions, which takes lists since libtorch 2.10. An argument is 64 bits: a
/// number, the handle of a list, or a pointer to an optional argument. The call takes over the handles.
/// </remarks>
internal static unsafe class TorchDispatcher
{
    // How the interface encodes 2.10, for which the arguments below are written.
    private const ulong Version = (2UL << 56) | (10UL << 48);

    private static readonly Exports? Torch = Exports.Find();

    /// <summary>Whether this libtorch has the interface; on Linux only.</summary>
    public static bool IsThere => Torch is not null;

    /// <summary>Copies the values of each tensor into another one.</summary>
    /// <param name="targets">Where they go.</param>
    /// <param name="sources">As many, each of its target's shape.</param>
    public static void CopyAll(IReadOnlyCollection<Tensor> targets, IReadOnlyCollection<Tensor> sources)
    {
        var stack = stackalloc ulong[] { List(targets), List(sources), 0 };
        Call("aten::_foreach_copy_", stack);
        KeepAlive(targets);
        KeepAlive(sources);
    }

    /// <summary>A step of torch's AdamW, in one kernel.</summary>
    /// <remarks>With gradient g: <code>
    /// p = p (1 - r w)      m = beta1 m + (1 - beta1) g      v = beta2 v + (1 - beta2) g^2
    /// p = p - r / (1 - beta1^t) m / (sqrt(v) / sqrt(1 - beta2^t) + eps)
    /// </code></remarks>
    /// <param name="weights">p, float32.</param>
    /// <param name="gradient">Of p's shape. It is divided by the divisor in place.</param>
    /// <param name="mean">m, of p's shape.</param>
    /// <param name="square">v, of p's shape.</param>
    /// <param name="step">t, including this step, [], float32.</param>
    /// <param name="factors">r, beta1, beta2, w and eps.</param>
    /// <param name="divisor">What the gradient is divided by, [], float32.</param>
    /// <param name="skips">1 to change nothing, 0 otherwise, [], float32.</param>
    public static void AdamW(
        Tensor weights, Tensor gradient, Tensor mean, Tensor square, Tensor step,
        (double Rate, double Beta1, double Beta2, double Decay, double Eps) factors, Tensor divisor, Tensor skips)
    {
        var stack = stackalloc ulong[]
        {
            List([weights]), List([gradient]), List([mean]), List([square]), List([]), List([step]),
            Number(factors.Rate), Number(factors.Beta1), Number(factors.Beta2), Number(factors.Decay), Number(factors.Eps),
            // Neither AMSGrad nor ascent.
            0, 0,
            Optional(divisor), Optional(skips),
        };
        Call("aten::_fused_adamw_", stack);
        KeepAlive([weights, gradient, mean, square, step, divisor, skips]);
    }

    private static void Call(string name, ulong* stack)
    {
        var text = Marshal.StringToCoTaskMemUTF8(name);
        var none = (byte)0;
        var error = Torch!.Call((byte*)text, &none, stack, Version);
        Marshal.FreeCoTaskMem(text);
        if (error != 0)
        {
            throw new InvalidOperationException($"torch's {name} failed; torch has written the reason to the standard error.");
        }
    }

    private static ulong Number(double value) => BitConverter.DoubleToUInt64Bits(value);

    private static ulong List(IReadOnlyCollection<Tensor> tensors)
    {
        ulong list;
        Torch!.NewList((nuint)tensors.Count, &list);
        foreach (var tensor in tensors)
        {
            Torch.Push(list, Handle(tensor));
        }
        return list;
    }

    // libtorch frees it with C++'s delete, which is the C library's free.
    private static ulong Optional(Tensor tensor)
    {
        var value = (ulong*)NativeMemory.Alloc(sizeof(ulong));
        *value = Handle(tensor);
        return (ulong)value;
    }

    private static ulong Handle(Tensor tensor)
    {
        ulong handle;
        Torch!.NewHandle(tensor.Handle, &handle);
        return handle;
    }

    private static void KeepAlive(IReadOnlyCollection<Tensor> tensors)
    {
        foreach (var tensor in tensors)
        {
            GC.KeepAlive(tensor);
        }
    }

    private sealed class Exports
    {
        private readonly delegate* unmanaged<byte*, byte*, ulong*, ulong, int> _call;
        private readonly delegate* unmanaged<nuint, ulong*, int> _newList;
        private readonly delegate* unmanaged<ulong, ulong, int> _push;
        private readonly delegate* unmanaged<nint, ulong*, int> _newHandle;

        private Exports(nint call, nint newList, nint push, nint newHandle)
        {
            _call = (delegate* unmanaged<byte*, byte*, ulong*, ulong, int>)call;
            _newList = (delegate* unmanaged<nuint, ulong*, int>)newList;
            _push = (delegate* unmanaged<ulong, ulong, int>)push;
            _newHandle = (delegate* unmanaged<nint, ulong*, int>)newHandle;
        }

        public static Exports? Find()
        {
            NativeTorch.EnsureLoaded();
            // Elsewhere libtorch may free with another allocator than the one of an optional argument.
            return OperatingSystem.IsLinux() && NativeLibrary.TryLoad("libtorch_cpu.so", out var torch)
                && NativeLibrary.TryGetExport(torch, "torch_call_dispatcher", out var call)
                && NativeLibrary.TryGetExport(torch, "torch_new_list_reserve_size", out var newList)
                && NativeLibrary.TryGetExport(torch, "torch_list_push_back", out var push)
                && NativeLibrary.TryGetExport(torch, "aoti_torch_new_tensor_handle", out var newHandle)
                ? new(call, newList, push, newHandle) : null;
        }

        public int Call(byte* name, byte* overload, ulong* stack, ulong version) => _call(name, overload, stack, version);

        public void NewList(nuint size, ulong* list) => Check(_newList(size, list));

        public void Push(ulong list, ulong value) => Check(_push(list, value));

        public void NewHandle(nint tensor, ulong* handle) => Check(_newHandle(tensor, handle));

        private static void Check(int error, [CallerMemberName] string function = "")
        {
            if (error != 0)
            {
                throw new InvalidOperationException($"libtorch's interface for extensions failed in {function}.");
            }
        }
    }
}
