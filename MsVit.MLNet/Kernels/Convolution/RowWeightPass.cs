using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace MsVit.MLNet.Kernels;

/// <summary>The gradient of the weights of a convolution over rows of tokens: one matrix product per position of the kernel.</summary>
/// <remarks>
/// Tokens are arranged for <see cref="PanelProducts"/> in chunks that fit a core's caches. Every range of tokens has its own sums, which
/// are added at the end. The number of ranges depends only on the sizes, so the bits do not depend on the number of threads.
/// </remarks>
internal static unsafe class RowWeightPass
{
    // A panel of this many gradients fills most of a core's L1 cache.
    private const int Chunk = 96;
    private const int TokensPerRange = 512;
    private const int MaxRanges = 16;

    /// <summary>[Cout, Cin, kernel], float32.</summary>
    /// <param name="x">[B, Cin, H, W], float32 or bytes, channels last in memory. A kernel wider than 1 sees H W tokens in a row.</param>
    /// <param name="gradient">[B, Cout, H, W], float32, channels last in memory.</param>
    /// <param name="kernel">1 or 3, with zero padding.</param>
    /// <param name="width">The vector width.</param>
    public static Tensor Run(Tensor x, Tensor gradient, int kernel, LaneWidth width)
    {
        using var scope = NewDisposeScope();
        var (input, output) = ((int)x.shape[1], (int)gradient.shape[1]);
        var all = x.numel() / input;
        var tokens = kernel == 1 ? all : all / x.shape[0];
        var chunks = all / tokens * ((tokens + Chunk - 1) / Chunk);
        var ranges = Ranges(all);
        var sums = PooledTensor.Empty([ranges, kernel * input, output], float32);
        var (source, upstream, target) = (TensorAddress.Of(x), TensorAddress.Of(gradient), TensorAddress.Of(sums));
        TorchTeam.For(ranges, all * input * output >> 20, range =>
        {
            var sumsOfRange = (nint)((float*)target + (nint)range * (kernel * input) * output);
            var place = new Place(tokens, chunks * range / ranges, chunks * (range + 1) / ranges, input, output, kernel, sumsOfRange);
            Dispatch.Run(width, x.dtype, new Range(source, upstream, place));
        });
        GC.KeepAlive(x);
        GC.KeepAlive(gradient);
        return scope.MoveToOuter(sums.sum([0]).view(kernel, input, output).permute(2, 1, 0).contiguous());
    }

    /// <summary>Bytes of scratch memory with two threads.</summary>
    /// <param name="tokens">The tokens of all rows.</param>
    /// <param name="input">Cin.</param>
    /// <param name="output">Cout.</param>
    /// <param name="kernel">The width of the kernel.</param>
    public static long Scratch(long tokens, long input, long output, int kernel) =>
        sizeof(float) * ((Ranges(tokens) * kernel * input * output) + (2 * ChunkSize(input, output, kernel)));

    private static int Ranges(long tokens) => (int)Math.Clamp(tokens / TokensPerRange, 1, MaxRanges);

    // At least what the pool serves: on all threads but the first, the C library's allocator returns such blocks to the kernel.
    private static long ChunkSize(long input, long output, int kernel) =>
        Math.Max(((Chunk + kernel - 1) * input) + (Chunk * output), PooledTensor.MinBytes / sizeof(float));

    // The chunks [From, To) of rows of this many tokens, and where their sums go.
    private readonly record struct Place(long Tokens, long From, long To, int Input, int Output, int Kernel, nint Sums);

    private readonly struct Range(nint x, nint gradient, Place place) : IKernel
    {
        private const int Unit = PanelProducts.RowUnit;

        public void Run<T, TElement>()
            where T : struct, ILanes<T>
            where TElement : unmanaged, IElement<TElement>
        {
            var (input, output, kernel) = (place.Input, place.Output, place.Kernel);
            var sums = (float*)place.Sums;
            NativeMemory.Clear(sums, (nuint)(kernel * input) * (nuint)output * sizeof(float));
            using var scratch = PooledTensor.Empty([ChunkSize(input, output, kernel)], float32);
            var left = (float*)TensorAddress.Of(scratch);
            var right = left + (Chunk + kernel - 1) * input;
            var chunksPerRow = (place.Tokens + Chunk - 1) / Chunk;
            for (var chunk = place.From; chunk < place.To; chunk++)
            {
                var (row, first) = (chunk / chunksPerRow * place.Tokens, chunk % chunksPerRow * Chunk);
                var count = (int)Math.Min(Chunk, place.Tokens - first);
                var inputs = count + kernel - 1;
                Inputs<TElement>(row, first - kernel / 2, inputs, left);
                Gradients<T>(row + first, count, right);
                for (var column = 0; column < output; column += PanelProducts.Panel)
                {
                    var panel = right + PanelProducts.PanelOffset(column, count);
                    for (var k = 0; k < kernel; k++)
                    {
                        for (var block = 0; block < input; block += Unit)
                        {
                            var matrix = new LeftMatrix((nint)(left + (nint)block * inputs + k * Unit), 1, Unit);
                            PanelProducts.Multiply<T>(matrix, panel, PanelProducts.PanelWidth(column, output), count,
                                sums + (nint)(k * input + block) * output + column, output, Unit, adds: true);
                        }
                    }
                }
            }
            GC.KeepAlive(scratch);
        }

        // Eight channels of all tokens, then the next eight; zeros before and after the row.
        private void Inputs<TElement>(long row, long first, int count, float* target)
            where TElement : unmanaged, IElement<TElement>
        {
            for (var i = 0; i < count; i++)
            {
                var token = first + i;
                var inside = token >= 0 && token < place.Tokens;
                var source = (TElement*)x + (nint)(row + token) * place.Input;
                for (var c = 0; c < place.Input; c += Unit)
                {
                    var value = inside ? TElement.Load<Lanes256>(source + c) : Lanes256.Splat(0);
                    value.Store(target + (nint)c * count + i * Unit);
                }
            }
        }

        // In the panels of PanelProducts.
        private void Gradients<T>(long first, int count, float* target)
            where T : struct, ILanes<T>
        {
            for (var i = 0; i < count; i++)
            {
                var source = (float*)gradient + (nint)(first + i) * place.Output;
                for (var column = 0; column < place.Output; column += PanelProducts.Panel)
                {
                    var width = PanelProducts.PanelWidth(column, place.Output);
                    var to = target + PanelProducts.PanelOffset(column, count) + (nint)i * width;
                    for (var c = 0; c < width; c += T.Count)
                    {
                        T.Load(source + column + c).Store(to + c);
                    }
                }
            }
        }
    }
}
