using System.Runtime.CompilerServices;
using static TorchSharp.torch;

namespace MsVit.MLNet.Kernels;

/// <summary>Passes over tokens [T, B, C, N] and numbers per head [T, B, heads, N], both with channels or heads last in memory.</summary>
internal static unsafe class TokenPasses
{
    /// <summary>The operations.</summary>
    private enum Kind
    {
        Sum,
        Broadcast,
        Mask,
        MaskBackward,
    }

    /// <summary>The sums over the channels of each head, [T, B, heads, 1, N], float32.</summary>
    public static Tensor Sum(Tensor x, int heads)
    {
        using var scope = NewDisposeScope();
        var sums = OfHeads(x, heads);
        Run(Kind.Sum, x, heads, x: x, heads: sums);
        return scope.MoveToOuter(Turned(sums).unsqueeze(3));
    }

    /// <summary>Tokens of a given shape and type in which every channel is the number of its head.</summary>
    public static Tensor Broadcast(Tensor heads, long[] shape, ScalarType type)
    {
        using var scope = NewDisposeScope();
        var tokens = Empty(shape, type);
        var dense = Dense(heads);
        Run(Kind.Broadcast, tokens, (int)heads.shape[2], y: tokens, heads: dense);
        return scope.MoveToOuter(tokens);
    }

    /// <summary>Each channel times the number of its head.</summary>
    /// <param name="x">The tokens.</param>
    /// <param name="mask">The numbers of the heads, float32.</param>
    /// <param name="target">Where the result goes, or null for a new tensor.</param>
    public static Tensor Mask(Tensor x, Tensor mask, Tensor? target)
    {
        using var scope = NewDisposeScope();
        var y = target?.alias() ?? Empty(x.shape, x.dtype);
        var dense = Dense(mask);
        Run(Kind.Mask, x, (int)mask.shape[2], x: x, heads: dense, y: y);
        return scope.MoveToOuter(y);
    }

    /// <summary>The gradients of the tokens and the mask.</summary>
    /// <param name="x">The tokens.</param>
    /// <param name="mask">The mask, float32.</param>
    /// <param name="gradient">The gradient of the masked tokens.</param>
    public static (Tensor OfX, Tensor OfMask) MaskBackward(Tensor x, Tensor mask, Tensor gradient)
    {
        using var scope = NewDisposeScope();
        var (ofX, ofMask) = (Empty(x.shape, x.dtype), OfHeads(x, (int)mask.shape[2]));
        var dense = Dense(mask);
        Run(Kind.MaskBackward, x, (int)mask.shape[2], x: x, heads: dense, gradient: gradient, y: ofX, sums: ofMask);
        return scope.MoveToOuter(ofX, Turned(ofMask));
    }

    private static Tensor OfHeads(Tensor x, int heads) => empty([x.shape[0], x.shape[1], x.shape[3], heads], dtype: float32);

    // [T, B, N, heads] to [T, B, heads, N].
    private static Tensor Turned(Tensor heads) => heads.transpose(2, 3);

    private static Tensor Dense(Tensor heads) => heads.detach().transpose(2, 3).contiguous();

    private static Tensor Empty(long[] shape, ScalarType type) =>
        PooledTensor.Empty([shape[0], shape[1], shape[3], shape[2]], type).transpose(2, 3);

    private static void Run(
        Kind kind, Tensor like, int count, Tensor heads, Tensor? x = null, Tensor? gradient = null, Tensor? y = null, Tensor? sums = null)
    {
        var channels = (int)like.shape[2];
        var (tokens, size) = (like.numel() / channels, channels / count);
        var width = LaneWidths.Dividing(size);
        var (source, upstream, target) = (First(x), First(gradient), First(y));
        var (numbers, totals) = (First(heads), First(sums));
        RowRanges.Over(tokens, channels, (from, to) =>
            Dispatch.Run(width, like.dtype, new Piece(kind, source, upstream, target, numbers, totals, count, size, (nint)from, (nint)to)));
        GC.KeepAlive(x);
        GC.KeepAlive(gradient);
        GC.KeepAlive(y);
        GC.KeepAlive(heads);
        GC.KeepAlive(sums);
    }

    private static nint First(Tensor? tensor) => tensor is null ? 0 : TensorAddress.Of(tensor);

    /// <summary>The heads of a range of tokens. The size of a head is a multiple of the lanes.</summary>
    private readonly struct Piece(
        Kind kind, nint x, nint gradient, nint y, nint heads, nint sums, int count, int size, nint from, nint to) : IKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run<T, TElement>()
            where T : struct, ILanes<T>
            where TElement : unmanaged, IElement<TElement>
        {
            TElement* source = (TElement*)x, upstream = (TElement*)gradient, target = (TElement*)y;
            float* numbers = (float*)heads, totals = (float*)sums;
            for (var head = from * count; head < to * count; head++)
            {
                var at = head * size;
                switch (kind)
                {
                    case Kind.Sum:
                        numbers[head] = Total(Sum<T, TElement>(source + at));
                        break;
                    case Kind.Broadcast:
                        Broadcast(T.Splat(numbers[head]), target + at);
                        break;
                    case Kind.Mask:
                        Mask(T.Splat(numbers[head]), source + at, target + at);
                        break;
                    default:
                        totals[head] = Total(MaskBackward(T.Splat(numbers[head]), source + at, upstream + at, target + at));
                        break;
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private T Sum<T, TElement>(TElement* from)
            where T : struct, ILanes<T>
            where TElement : unmanaged, IElement<TElement>
        {
            var sum = TElement.Load<T>(from);
            for (var c = T.Count; c < size; c += T.Count)
            {
                sum += TElement.Load<T>(from + c);
            }
            return sum;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private void Broadcast<T, TElement>(T number, TElement* target)
            where T : struct, ILanes<T>
            where TElement : unmanaged, IElement<TElement>
        {
            for (var c = 0; c < size; c += T.Count)
            {
                TElement.Store(number, target + c);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private void Mask<T, TElement>(T number, TElement* from, TElement* target)
            where T : struct, ILanes<T>
            where TElement : unmanaged, IElement<TElement>
        {
            for (var c = 0; c < size; c += T.Count)
            {
                TElement.Store(number * TElement.Load<T>(from + c), target + c);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private T MaskBackward<T, TElement>(T number, TElement* from, TElement* upstream, TElement* target)
            where T : struct, ILanes<T>
            where TElement : unmanaged, IElement<TElement>
        {
            var sum = T.Splat(0);
            for (var c = 0; c < size; c += T.Count)
            {
                var g = TElement.Load<T>(upstream + c);
                sum = T.MultiplyAdd(g, TElement.Load<T>(from + c), sum);
                TElement.Store(number * g, target + c);
            }
            return sum;
        }

        // The sum of the lanes, in order.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static float Total<T>(T lanes)
            where T : struct, ILanes<T>
        {
            var numbers = stackalloc float[Lanes512.Count];
            lanes.Store(numbers);
            var total = numbers[0];
            for (var i = 1; i < T.Count; i++)
            {
                total += numbers[i];
            }
            return total;
        }
    }
}
