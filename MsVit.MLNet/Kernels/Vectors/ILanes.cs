namespace MsVit.MLNet.Kernels;

/// <summary>A vector of float32 lanes, one neuron or channel per lane: what the kernels need from a hardware vector.</summary>
/// <remarks>
/// Every operation is one IEEE operation per lane, so all widths give the same bits. Every operation but <see cref="Step"/>
/// propagates NaN.
/// </remarks>
internal unsafe interface ILanes<T>
    where T : struct, ILanes<T>
{
    /// <summary>The number of lanes.</summary>
    static abstract int Count { get; }

    static abstract T Load(float* source);

    /// <summary>Loads bfloat16 numbers, which are the upper halves of float32 numbers.</summary>
    static abstract T LoadUpper(ushort* source);

    /// <summary>Loads bytes: integers from 0 to 255.</summary>
    static abstract T LoadBytes(byte* source);

    static abstract T Splat(float value);

    void Store(float* target);

    /// <summary>Stores without going through the caches. The target must be aligned to the size of the vector.</summary>
    void Stream(float* target);

    /// <summary>Stores bfloat16, rounded to nearest, ties to even.</summary>
    void StoreUpper(ushort* target);

    /// <summary>Stores bfloat16 without going through the caches. The target must be aligned to the size of what is stored.</summary>
    void StreamUpper(ushort* target);

    /// <summary>Stores bytes. A number that is not an integer from 0 to 255 is stored as some byte that differs from it.</summary>
    void StoreBytes(byte* target);

    static abstract T operator +(T left, T right);

    static abstract T operator -(T left, T right);

    static abstract T operator *(T left, T right);

    static abstract T operator /(T left, T right);

    /// <summary>a b + c, rounded once.</summary>
    static abstract T MultiplyAdd(T a, T b, T c);

    /// <summary>1 where x >= 0, otherwise 0; 0 for NaN.</summary>
    static abstract T Step(T x);

    static abstract T Abs(T x);

    static abstract T Sqrt(T x);

    /// <summary>The larger of the two; NaN where x is NaN.</summary>
    static abstract T AtLeast(T lowest, T x);

    /// <summary>The smaller of the two; NaN where x is NaN.</summary>
    static abstract T AtMost(T highest, T x);

    /// <summary>The nearest integer, ties to even.</summary>
    static abstract T Round(T x);

    /// <summary>2^n for an integer n from -127 (which gives 0) to 127, passed as n + 127 + 1.5 * 2^23.</summary>
    static abstract T PowerOfTwo(T shifted);
}
