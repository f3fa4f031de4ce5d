namespace MsVit.MLNet.Kernels;

/// <summary>A few neurons side by side, one float32 each: what the fused kernels need of a hardware vector.</summary>
/// <remarks>
/// Every operation is one IEEE operation a lane, so all widths give the same bits. Not-a-number passes through all of them but
/// <see cref="Step"/>.
/// </remarks>
internal unsafe interface ILanes<T>
    where T : struct, ILanes<T>
{
    /// <summary>How many neurons there are.</summary>
    static abstract int Count { get; }

    static abstract T Load(float* source);

    /// <summary>From bfloat16: the upper halves of the numbers.</summary>
    static abstract T LoadUpper(ushort* source);

    /// <summary>From bytes: whole numbers from 0 to 255.</summary>
    static abstract T LoadBytes(byte* source);

    static abstract T Splat(float value);

    void Store(float* target);

    /// <summary>Stores past the caches; the target is aligned to the vector's size.</summary>
    void Stream(float* target);

    /// <summary>To bfloat16, rounded to the nearest, to even between two.</summary>
    void StoreUpper(ushort* target);

    /// <summary>To bfloat16, past the caches; the target is aligned to what is stored.</summary>
    void StreamUpper(ushort* target);

    /// <summary>To bytes. What is no whole number from 0 to 255 becomes one that it is not equal to.</summary>
    void StoreBytes(byte* target);

    static abstract T operator +(T left, T right);

    static abstract T operator -(T left, T right);

    static abstract T operator *(T left, T right);

    static abstract T operator /(T left, T right);

    /// <summary>a b + c, rounded once.</summary>
    static abstract T MultiplyAdd(T a, T b, T c);

    /// <summary>1 where x is at least 0, else 0; 0 for not-a-number.</summary>
    static abstract T Step(T x);

    static abstract T Abs(T x);

    static abstract T Sqrt(T x);

    /// <summary>The larger of the two; not-a-number where x is.</summary>
    static abstract T AtLeast(T lowest, T x);

    /// <summary>2^n for the whole number n from -127 (which gives 0) to 127 of shifted = n + 127 + 1.5 * 2^23.</summary>
    static abstract T PowerOfTwo(T shifted);
}
