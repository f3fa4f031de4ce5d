using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MsVit.MLNet.Kernels;

/// <summary>An element of a tensor as it is stored in memory. The kernels always compute in float32.</summary>
internal unsafe interface IElement<TSelf>
    where TSelf : unmanaged, IElement<TSelf>
{
    static abstract T Load<T>(TSelf* source)
        where T : struct, ILanes<T>;

    static abstract void Store<T>(T value, TSelf* target)
        where T : struct, ILanes<T>;

    /// <summary>Stores without going through the caches. The target must be aligned to the size of what is stored.</summary>
    static abstract void Stream<T>(T value, TSelf* target)
        where T : struct, ILanes<T>;
}

/// <summary>An element of a float32 tensor.</summary>
[StructLayout(LayoutKind.Sequential, Size = sizeof(float))]
internal readonly unsafe struct Float32Element : IElement<Float32Element>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Load<T>(Float32Element* source)
        where T : struct, ILanes<T> => T.Load((float*)source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store<T>(T value, Float32Element* target)
        where T : struct, ILanes<T> => value.Store((float*)target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Stream<T>(T value, Float32Element* target)
        where T : struct, ILanes<T> => value.Stream((float*)target);
}

/// <summary>An element of a bfloat16 tensor: the upper half of a float32. Stores round to nearest, ties to even.</summary>
[StructLayout(LayoutKind.Sequential, Size = sizeof(ushort))]
internal readonly unsafe struct BFloat16Element : IElement<BFloat16Element>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Load<T>(BFloat16Element* source)
        where T : struct, ILanes<T> => T.LoadUpper((ushort*)source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store<T>(T value, BFloat16Element* target)
        where T : struct, ILanes<T> => value.StoreUpper((ushort*)target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Stream<T>(T value, BFloat16Element* target)
        where T : struct, ILanes<T> => value.StreamUpper((ushort*)target);
}

/// <summary>An element of a byte tensor: an integer from 0 to 255, such as a spike or a sum of spikes.</summary>
[StructLayout(LayoutKind.Sequential, Size = sizeof(byte))]
internal readonly unsafe struct ByteElement : IElement<ByteElement>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Load<T>(ByteElement* source)
        where T : struct, ILanes<T> => T.LoadBytes((byte*)source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store<T>(T value, ByteElement* target)
        where T : struct, ILanes<T> => value.StoreBytes((byte*)target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Stream<T>(T value, ByteElement* target)
        where T : struct, ILanes<T> => value.StoreBytes((byte*)target);
}
