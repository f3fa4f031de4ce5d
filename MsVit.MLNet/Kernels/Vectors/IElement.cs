using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MsVit.MLNet.Kernels;

/// <summary>A number as it lies in a tensor's memory. The kernels compute in float32 whatever it is.</summary>
internal unsafe interface IElement<TSelf>
    where TSelf : unmanaged, IElement<TSelf>
{
    static abstract T Load<T>(TSelf* source)
        where T : struct, ILanes<T>;

    static abstract void Store<T>(T value, TSelf* target)
        where T : struct, ILanes<T>;

    /// <summary>Stores past the caches; the target is aligned to what is stored.</summary>
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

/// <summary>An element of a bfloat16 tensor: the upper half of a float32. It is stored rounded to the nearest, to even between two.</summary>
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

/// <summary>An element of a tensor of bytes, for whole numbers from 0 to 255: spikes and their sums.</summary>
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
