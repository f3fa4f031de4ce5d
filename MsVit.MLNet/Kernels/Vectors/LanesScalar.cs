using System.Runtime.CompilerServices;

namespace MsVit.MLNet.Kernels;

/// <summary>A single lane: for CPUs without vectors, and for the lanes that do not fill a vector.</summary>
internal unsafe struct LanesScalar : ILanes<LanesScalar>
{
    private float _v;

    // No constructor: it would be one more call to inline in every operation, and the JIT compiler inlines a limited number of calls.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesScalar Of(float v)
    {
        LanesScalar lanes;
        lanes._v = v;
        return lanes;
    }

    /// <summary>The number.</summary>
    public float Value => _v;

    public static int Count => 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesScalar Load(float* source) => Of(*source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesScalar LoadUpper(ushort* source) => Of(BitConverter.UInt32BitsToSingle((uint)*source << 16));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesScalar LoadBytes(byte* source) => Of(*source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesScalar Splat(float value) => Of(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(float* target) => *target = _v;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Stream(float* target) => *target = _v;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void StoreUpper(ushort* target)
    {
        var bits = BitConverter.SingleToUInt32Bits(_v);
        *target = float.IsNaN(_v) ? (ushort)0x7FC0 : (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void StreamUpper(ushort* target) => StoreUpper(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void StoreBytes(byte* target) => *target = (byte)(int)_v;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesScalar operator +(LanesScalar left, LanesScalar right) => Of(left._v + right._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesScalar operator -(LanesScalar left, LanesScalar right) => Of(left._v - right._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesScalar operator *(LanesScalar left, LanesScalar right) => Of(left._v * right._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesScalar operator /(LanesScalar left, LanesScalar right) => Of(left._v / right._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesScalar MultiplyAdd(LanesScalar a, LanesScalar b, LanesScalar c) => Of(MathF.FusedMultiplyAdd(a._v, b._v, c._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesScalar Step(LanesScalar x) => Of(x._v >= 0 ? 1 : 0);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesScalar Abs(LanesScalar x) => Of(MathF.Abs(x._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesScalar Sqrt(LanesScalar x) => Of(MathF.Sqrt(x._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesScalar AtLeast(LanesScalar lowest, LanesScalar x) => Of(lowest._v > x._v ? lowest._v : x._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesScalar AtMost(LanesScalar highest, LanesScalar x) => Of(highest._v < x._v ? highest._v : x._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesScalar Round(LanesScalar x) => Of(MathF.Round(x._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesScalar PowerOfTwo(LanesScalar shifted) =>
        Of(BitConverter.Int32BitsToSingle(BitConverter.SingleToInt32Bits(shifted._v) << 23));
}
