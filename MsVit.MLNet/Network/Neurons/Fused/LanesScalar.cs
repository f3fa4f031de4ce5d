using System.Runtime.CompilerServices;

namespace MsVit.MLNet.Network.Neurons.Fused;

/// <summary>One neuron: for processors without vectors, and for what is left over at the end of a vector.</summary>
internal readonly unsafe struct LanesScalar : ILanes<LanesScalar>
{
    private readonly float _v;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private LanesScalar(float v) => _v = v;

    public static int Count => 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesScalar Load(float* source) => new(*source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesScalar Splat(float value) => new(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(float* target) => *target = _v;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Stream(float* target) => *target = _v;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesScalar operator +(LanesScalar left, LanesScalar right) => new(left._v + right._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesScalar operator -(LanesScalar left, LanesScalar right) => new(left._v - right._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesScalar operator *(LanesScalar left, LanesScalar right) => new(left._v * right._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesScalar operator /(LanesScalar left, LanesScalar right) => new(left._v / right._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesScalar MultiplyAdd(LanesScalar a, LanesScalar b, LanesScalar c) => new(MathF.FusedMultiplyAdd(a._v, b._v, c._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesScalar Step(LanesScalar x) => new(x._v >= 0 ? 1 : 0);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesScalar Abs(LanesScalar x) => new(MathF.Abs(x._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesScalar AtLeast(LanesScalar lowest, LanesScalar x) => new(lowest._v > x._v ? lowest._v : x._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesScalar PowerOfTwo(LanesScalar shifted) =>
        new(BitConverter.Int32BitsToSingle((BitConverter.SingleToInt32Bits(shifted._v) + 127) << 23));
}
