namespace MsVit.MLNet.Kernels;

/// <summary>The slope of a surrogate function for neurons side by side.</summary>
internal interface ISlope<TSelf, T>
    where TSelf : struct, ISlope<TSelf, T>
    where T : struct, ILanes<T>
{
    static abstract TSelf Of(float alpha);

    /// <summary>The slope at x = membrane potential - threshold.</summary>
    T At(T x);
}
