using System.Reflection;
using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace MsVit.MLNet.Kernels;

/// <summary>Creates tensors on the CPU whose memory comes from a pool of large blocks and returns there when torch frees it.</summary>
/// <remarks>
/// torch gets the block with <c>sem_post</c> as its deleter (<see cref="MemoryBlock"/>). TorchSharp does not publish the function that
/// takes a deleter, so it is called through its export, and only if its declaration is the expected one. Otherwise, outside Linux, below
/// 1 MiB, and if the AppContext switch <see cref="MemoryAllocator.Switch"/> is off, torch allocates the memory.
/// </remarks>
internal static unsafe class PooledTensor
{
    /// <summary>The size in bytes from which on a tensor's memory comes from the pool.</summary>
    public const long MinBytes = 1 << 20;

    private static readonly delegate* unmanaged<nint, nint, long*, int, sbyte, sbyte, int, int, byte, nint> Over = FindOver();

    /// <summary>The pool. It returns memory only on requests, so trim it where memory matters.</summary>
    public static BlockPool Pool { get; } = new();

    /// <summary>Whether large tensors come from the pool.</summary>
    public static bool IsOn => Over is not null && MemoryBlock.Release != 0 && MemoryAllocator.IsWanted;

    /// <summary>Gives every idle block of the pool and every free page of the C library's allocator back to the kernel.</summary>
    /// <returns>False if the allocator has no such call.</returns>
    public static bool ReturnFreedBlocks()
    {
        Pool.Trim();
        return MemoryAllocator.ReturnFreedBlocks();
    }

    /// <summary>A tensor on the CPU with undefined content, its last axis innermost in memory.</summary>
    public static Tensor Empty(long[] shape, ScalarType type)
    {
        var strides = new long[shape.Length];
        var stride = 1L;
        for (var axis = shape.Length - 1; axis >= 0; axis--)
        {
            strides[axis] = stride;
            stride *= shape[axis];
        }
        return Empty(shape, strides, type);
    }

    /// <summary>A tensor on the CPU with undefined content and the given strides.</summary>
    public static Tensor Empty(long[] shape, long[] strides, ScalarType type)
    {
        var elements = 1L;
        for (var axis = 0; axis < shape.Length; axis++)
        {
            elements += (shape[axis] - 1) * strides[axis];
        }
        var elementSize = type.ElementSize();
        return elements * elementSize >= MinBytes && !shape.Contains(0) && IsOn && Pool.Rent(elements * elementSize) is { } block
            ? Make(block, elements, shape, strides, type, elementSize)
            : empty_strided(shape, strides, dtype: type, device: CPU);
    }

    // The storage begins at the semaphore, which is what the deleter gets. The tensor's own elements follow.
    private static Tensor Make(MemoryBlock block, long elements, long[] shape, long[] strides, ScalarType type, long elementSize)
    {
        var header = MemoryBlock.HeaderSize / elementSize;
        var length = header + elements;
        var handle = Over(block.Header, MemoryBlock.Release, &length, 1, (sbyte)type, (sbyte)type, (int)DeviceType.CPU, -1, 0);
        if (handle == 0)
        {
            ((delegate* unmanaged<nint, int>)MemoryBlock.Release)(block.Header);
            throw new InvalidOperationException($"torch could not create a tensor of {length} elements of type {type} over pooled memory.");
        }
        using var whole = Tensor.UnsafeCreateTensor(handle);
        using var view = whole.as_strided(shape, strides, header);
        // Detached, so that autograd does not see a view and allows changes in place.
        return view.detach();
    }

    private static delegate* unmanaged<nint, nint, long*, int, sbyte, sbyte, int, int, byte, nint> FindOver()
    {
        const string Function = "THSTensor_new";
        NativeTorch.EnsureLoaded();
        var declared = typeof(torch).Assembly.GetType("TorchSharp.PInvoke.NativeMethods")?
            .GetMethod(Function, BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public);
        return declared is not null && IsAsExpected(declared)
            ? (delegate* unmanaged<nint, nint, long*, int, sbyte, sbyte, int, int, byte, nint>)NativeLibrary.GetExport(
                NativeLibrary.Load("LibTorchSharp", typeof(torch).Assembly, null), Function)
            : null;
    }

    // (data, deleter, sizes, number of sizes, type of the data, type of the tensor, kind of device, its index, requires_grad as a byte)
    internal static bool IsAsExpected(MethodInfo declared)
    {
        var parameters = declared.GetParameters();
        Type[] around = [typeof(nint), typeof(int), typeof(sbyte), typeof(sbyte), typeof(int), typeof(int), typeof(bool)];
        return declared.ReturnType == typeof(nint) && parameters.Length == 9 && parameters[0].ParameterType == typeof(nint)
            && parameters[1].ParameterType.GetMethod("Invoke") is { } deleter
            && deleter.ReturnType == typeof(void) && deleter.GetParameters() is [{ ParameterType: var taken }] && taken == typeof(nint)
            && parameters.Skip(2).Select(parameter => parameter.ParameterType).SequenceEqual(around)
            && parameters[8].GetCustomAttribute<MarshalAsAttribute>() is { Value: UnmanagedType.U1 };
    }
}
