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
internal sealed unsafe class TorchDispatcher
{
    /// <summary>The operator of <see cref="CopyAll"/>.</summary>
    public const string CopyName = "aten::_foreach_copy_";

    /// <summary>The operator of <see cref="AdamW"/>.</summary>
    public const string AdamWName = "aten::_fused_adamw_";

    private const string Library = "libtorch_cpu.so";

    // How the interface encodes 2.10, for which the arguments below are written.
    private const ulong Version = (2UL << 56) | (10UL << 48);

    private readonly delegate* unmanaged<byte*, byte*, ulong*, ulong, int> _call;
    private readonly delegate* unmanaged<nuint, ulong*, int> _newList;
    private readonly delegate* unmanaged<ulong, ulong, int> _push;
    private readonly delegate* unmanaged<nint, ulong*, int> _newHandle;

    /// <summary>The operators of a libtorch.</summary>
    /// <param name="find">The address of a function that it exports; 0 if it does not.</param>
    /// <param name="isOffered">Whether they may be called on this system. The default is true.</param>
    public TorchDispatcher(Func<string, nint> find, bool isOffered = true)
    {
        var whyNot = default(string);
        _call = (delegate* unmanaged<byte*, byte*, ulong*, ulong, int>)Found("torch_call_dispatcher");
        _newList = (delegate* unmanaged<nuint, ulong*, int>)Found("torch_new_list_reserve_size");
        _push = (delegate* unmanaged<ulong, ulong, int>)Found("torch_list_push_back");
        _newHandle = (delegate* unmanaged<nint, ulong*, int>)Found("aoti_torch_new_tensor_handle");
        (IsOffered, WhyNot) = (isOffered, whyNot);

        nint Found(string function)
        {
            var address = isOffered ? find(function) : 0;
            if (address == 0)
            {
                whyNot ??= isOffered ? $"{Library} does not have the function {function}, which libtorch 2.10 has."
                    : "it is used on Linux only.";
            }
            return address;
        }
    }

    /// <summary>Those of this process's libtorch.</summary>
    /// <remarks>
    /// They are offered on Linux only. Elsewhere libtorch may free with another allocator than the one of an optional argument.
    /// </remarks>
    public static TorchDispatcher OfThisProcess { get; } = new(Exported, OperatingSystem.IsLinux());

    /// <summary>Whether they may be called on this system.</summary>
    public bool IsOffered { get; }

    /// <summary>Why they cannot be called, to follow a colon; null if they can.</summary>
    public string? WhyNot { get; }

    /// <summary>The address of a function of this process's libtorch; 0 without it.</summary>
    public static nint Exported(string function)
    {
        NativeTorch.EnsureLoaded();
        return NativeLibrary.TryLoad(Library, out var torch) && NativeLibrary.TryGetExport(torch, function, out var address) ? address : 0;
    }

    /// <summary>Copies the values of each tensor into another one.</summary>
    /// <param name="targets">Where they go.</param>
    /// <param name="sources">As many, each of its target's shape.</param>
    public void CopyAll(IReadOnlyCollection<Tensor> targets, IReadOnlyCollection<Tensor> sources)
    {
        var stack = stackalloc ulong[] { List(targets), List(sources), 0 };
        Call(CopyName, stack);
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
    public void AdamW(
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
        Call(AdamWName, stack);
        KeepAlive([weights, gradient, mean, square, step, divisor, skips]);
    }

    private void Call(string name, ulong* stack)
    {
        var text = Marshal.StringToCoTaskMemUTF8(name);
        var none = (byte)0;
        var error = _call((byte*)text, &none, stack, Version);
        Marshal.FreeCoTaskMem(text);
        if (error != 0)
        {
            throw new InvalidOperationException($"torch's {name} failed; torch has written the reason to the standard error.");
        }
    }

    private static ulong Number(double value) => BitConverter.DoubleToUInt64Bits(value);

    private ulong List(IReadOnlyCollection<Tensor> tensors)
    {
        ulong list;
        Check(_newList((nuint)tensors.Count, &list));
        foreach (var tensor in tensors)
        {
            Check(_push(list, Handle(tensor)));
        }
        return list;
    }

    // libtorch frees it with C++'s delete, which is the C library's free.
    private ulong Optional(Tensor tensor)
    {
        var value = (ulong*)NativeMemory.Alloc(sizeof(ulong));
        *value = Handle(tensor);
        return (ulong)value;
    }

    private ulong Handle(Tensor tensor)
    {
        ulong handle;
        Check(_newHandle(tensor.Handle, &handle));
        return handle;
    }

    private static void KeepAlive(IReadOnlyCollection<Tensor> tensors)
    {
        foreach (var tensor in tensors)
        {
            GC.KeepAlive(tensor);
        }
    }

    private static void Check(int error, [CallerArgumentExpression(nameof(error))] string call = "")
    {
        if (error != 0)
        {
            throw new InvalidOperationException($"libtorch's interface for extensions failed in {call}.");
        }
    }
}
