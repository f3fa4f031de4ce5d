using System.Runtime.CompilerServices;

namespace MsVit.MLNet.Kernels;

/// <summary>How a kernel stores its result.</summary>
internal unsafe interface IStore
{
    static abstract void Put<T, TElement>(T value, TElement* target)
        where T : struct, ILanes<T>
        where TElement : unmanaged, IElement<TElement>;
}

/// <summary>Stores through the caches, where the next layer finds the result.</summary>
internal readonly unsafe struct CachedStore : IStore
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Put<T, TElement>(T value, TElement* target)
        where T : struct, ILanes<T>
        where TElement : unmanaged, IElement<TElement> => TElement.Store(value, target);
}

/// <summary>Stores without going through the caches, for results larger than the caches: the old content is not read first.</summary>
internal readonly unsafe struct StreamedStore : IStore
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Put<T, TElement>(T value, TElement* target)
        where T : struct, ILanes<T>
        where TElement : unmanaged, IElement<TElement> => TElement.Stream(value, target);
}
