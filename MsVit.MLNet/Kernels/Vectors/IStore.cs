using System.Runtime.CompilerServices;

namespace MsVit.MLNet.Kernels;

/// <summary>How a kernel stores its result.</summary>
internal unsafe interface IStore
{
    static abstract void Put<T, TElement>(T value, TElement* target)
        where T : struct, ILanes<T>
        where TElement : unmanaged, IElement<TElement>;
}

/// <summary>Through the caches, for what the next layer finds there.</summary>
internal readonly unsafe struct CachedStore : IStore
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Put<T, TElement>(T value, TElement* target)
        where T : struct, ILanes<T>
        where TElement : unmanaged, IElement<TElement> => TElement.Store(value, target);
}

/// <summary>Past the caches, for what is larger than they are: the old content of the target is not read first.</summary>
internal readonly unsafe struct StreamedStore : IStore
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Put<T, TElement>(T value, TElement* target)
        where T : struct, ILanes<T>
        where TElement : unmanaged, IElement<TElement> => TElement.Stream(value, target);
}
