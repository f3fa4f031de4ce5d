using System.Runtime.CompilerServices;

namespace MsVit.MLNet.Network.Neurons.Fused;

/// <summary>How a kernel stores its result.</summary>
internal unsafe interface IStore
{
    static abstract void Put<T>(T value, float* target)
        where T : struct, ILanes<T>;
}

/// <summary>Through the caches, for what the next layer finds there.</summary>
internal readonly unsafe struct CachedStore : IStore
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Put<T>(T value, float* target)
        where T : struct, ILanes<T> => value.Store(target);
}

/// <summary>Past the caches, for what is larger than they are: the old content of the target is not read first.</summary>
internal readonly unsafe struct StreamedStore : IStore
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Put<T>(T value, float* target)
        where T : struct, ILanes<T> => value.Stream(target);
}
