using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace MsVit.MLNet.Kernels;

/// <summary>Eight lanes in a vector of 256 bits.</summary>
internal unsafe struct Lanes256 : ILanes<Lanes256>
{
    private Vector256<float> _v;

    // No constructor: it would be one more call to inline in every operation, and the JIT compiler inlines a limited number of calls.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Of(Vector256<float> v)
    {
        Lanes256 lanes;
        lanes._v = v;
        return lanes;
    }

    /// <summary>The eight lanes.</summary>
    public Vector256<float> Values => _v;

    public static int Count => Vector256<float>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Load(float* source) => Of(Vector256.Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 LoadUpper(ushort* source) =>
        Of((Vector256.Create(Vector128.WidenLower(Vector128.Load(source)), Vector128.WidenUpper(Vector128.Load(source))) << 16).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 LoadBytes(byte* source) => Widened(Vector128.WidenLower(Vector128.CreateScalar(*(ulong*)source).AsByte()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Splat(float value) => Of(Vector256.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(float* target) => _v.Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Stream(float* target) => _v.StoreAlignedNonTemporal(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void StoreUpper(ushort* target) => Narrow().Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void StreamUpper(ushort* target) => Narrow().StoreAlignedNonTemporal(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void StoreBytes(byte* target)
    {
        var whole = Vector256.ConvertToInt32Native(_v);
        var words = Vector128.Narrow(whole.GetLower(), whole.GetUpper());
        *(ulong*)target = Vector128.Narrow(words, words).AsUInt64().ToScalar();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Lanes256 Widened(Vector128<ushort> words) =>
        Of(Vector256.ConvertToSingle(Vector256.Create(Vector128.WidenLower(words), Vector128.WidenUpper(words)).AsInt32()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 operator +(Lanes256 left, Lanes256 right) => Of(left._v + right._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 operator -(Lanes256 left, Lanes256 right) => Of(left._v - right._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 operator *(Lanes256 left, Lanes256 right) => Of(left._v * right._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 operator /(Lanes256 left, Lanes256 right) => Of(left._v / right._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 MultiplyAdd(Lanes256 a, Lanes256 b, Lanes256 c) => Of(Vector256.FusedMultiplyAdd(a._v, b._v, c._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Step(Lanes256 x) => Of(Vector256.GreaterThanOrEqual(x._v, Vector256<float>.Zero) & Vector256<float>.One);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Abs(Lanes256 x) => Of(Vector256.Abs(x._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Sqrt(Lanes256 x) => Of(Vector256.Sqrt(x._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 AtLeast(Lanes256 lowest, Lanes256 x) => Of(Vector256.MaxNative(lowest._v, x._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 AtMost(Lanes256 highest, Lanes256 x) => Of(Vector256.MinNative(highest._v, x._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Round(Lanes256 x) => Of(Vector256.Round(x._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 PowerOfTwo(Lanes256 shifted) => Of((shifted._v.AsInt32() << 23).AsSingle());

    // The upper halves, rounded to nearest, ties to even; NaN stays NaN.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector256<uint> Upper()
    {
        var bits = _v.AsUInt32();
        var rounded = bits + Vector256.Create(0x7FFFu) + ((bits >>> 16) & Vector256<uint>.One);
        return Vector256.ConditionalSelect(Vector256.Equals(_v, _v).AsUInt32(), rounded, Vector256.Create(0x7FC00000u)) >>> 16;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector128<ushort> Narrow()
    {
        var upper = Upper();
        return Vector128.Narrow(upper.GetLower(), upper.GetUpper());
    }
}
